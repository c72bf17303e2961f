"""Whether ranks make progress, and what is done when they do not.

    rank         pulse ──says──→ heartbeat ──record a rank──┐
                 watch ──says once, as a note──→ events      │
    container    watchdog ──looks every second──→ hang  ←────┘
                 watchdog ──asks, at a hang──→ evidence ──→ log, events, the run's hang/
                 liveness ──touches a file──→ the cluster's probe

The words:

    beat        what a rank does from now on, what that usually takes, and how long it may take at most
    heartbeat   a rank's last beat, one small record rewritten in place for its container's first process
    pulse       which beats a rank gives while it trains: how long each part may take
    silence     how long no rank of the container has given a new beat, while somebody looked (hang)
    hang        a silence longer than what may take longest among the ranks' last beats allows
    place       where a rank is: its main thread's innermost line of the trainer (hang)
    watchdog    sees the hang, collects evidence, ends the ranks
    evidence    stacks, states and NCCL's records of ranks that hang, put where people look
    liveness    that the first process itself is well, which nobody in the container could tell
    watch       a run that goes on but is slower than planned, or compiles again and again: said, never ended
"""
