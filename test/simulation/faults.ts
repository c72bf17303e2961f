import { told } from './life.ts';
import { forceDelete, loseNode, nodeIsGone, nodeReturns } from './machines.ts';
import { type End, inRecord, isRecordAlive, isTrulyAlive, type Job, type Pod } from './records.ts';
import type { OrderTrouble, Trouble } from './trouble.ts';
import type { World } from './world.ts';

/** What a fault can reach beside the world: the controllers that work on the run, and a person's hands. */
export interface Reach {
  readonly world: World;
  readonly trouble: Trouble;
  readonly controllers: {
    readonly kill: () => boolean;
    readonly stall: (milliseconds: number) => boolean;
    /** It is asked to go, and lets the run go on. */
    readonly leave: () => boolean;
  };
  readonly cancel: () => Promise<void>;
  /** Its controller is gone, and a person takes the run off its cluster. */
  readonly release: () => boolean;
  readonly breakResults: () => boolean;
  /** The store is gone with all that was in it, and a person has the runs recorded again. */
  readonly loseStore: () => boolean;
}

/** Does it where it can be done just now; false where it cannot. */
type Fault = (reach: Reach) => boolean;

/** By the complaint that it stands for: an operations person's words. */
export const FAULTS = {
  'exit 1: a bug': ending(() => told('unknown', 'a defect')),
  'exit 64: bad flags': ending(() => told('usage', 'bad flags')),
  'exit 65: bad data': ending(() => told('data', 'bad data')),
  'exit 75: asked itself to stop': ending(() => told('interrupted', 'the machine goes for maintenance')),
  'exit 80: a device failed': ending(() => told('infrastructure', 'Xid 79')),
  'exit 82: below the floor': ending(() => told('unfit', 'the ring is slow')),
  'out of memory (137)': ending(() => ({
    exitCode: 137,
    signal: 'SIGKILL',
    termination: { exitClass: 'out-of-memory', message: 'the kernel ended it' },
  })),
  'kill -9 (137)': ending(() => ({ exitCode: 137, signal: 'SIGKILL' })),
  'hang, ended by its watchdog': hang(true),
  'hang, never ends': hang(false),
  'pod deleted': onPod(isRecordAlive, ({ world }, pod) => world.askToEnd(pod, pod.job.graceSeconds)),
  'node drained': onPod(isTrulyAlive, ({ world }, pod) => {
    const { node } = pod;
    if (node) node.cordoned = true;
    pod.disrupted = true;
    world.askToEnd(pod, pod.job.graceSeconds);
    world.clock.after(world.chance.between(5_000, 25_000), () => {
      if (node) node.cordoned = false;
    });
  }),
  'node off, comes back': nodeLost('off', nodeReturns),
  'node off, then struck off': nodeLost('off', nodeIsGone),
  'node cut off, comes back': nodeLost('cut', nodeReturns),
  'preempted by its queue': takenBack('Preempted', 'to accommodate another workload'),
  'taken back: node failures': takenBack('NodeFailures', 'no replacement for unhealthy nodes'),
  'deactivated by hand': held('Deactivated', 'somebody has deactivated it'),
  'ran for too long': held(
    'DeactivatedDueToMaximumExecutionTimeExceeded',
    'exceeded the maximum execution time',
  ),
  'job deleted by hand': onJob(({ world }, job) => world.setJob(job, { state: job.state, deleted: true })),
  'image not to be had': always(({ world }) => {
    for (const node of world.nodes) node.imagesPulled = false;
    world.clock.after(world.chance.pick([5_000, 90_000]), () => {
      for (const node of world.nodes) node.imagesPulled = true;
    });
  }),
  'quota without pods': always(({ world }) => {
    const until = world.clock.now() + world.chance.pick([8_000, 45_000]);
    for (const job of world.jobs) job.blockedUntil = until;
  }),
  'queue is full': always(({ world }) => {
    world.admitsFrom = world.clock.now() + world.chance.between(5_000, 40_000);
  }),
  'no node has room': always(({ world }) => {
    for (const node of world.nodes) node.cordoned = true;
    world.clock.after(world.chance.pick([6_000, 60_000]), () => {
      for (const node of world.nodes) node.cordoned = false;
    });
  }),
  'log lost': onPod(isTrulyAlive, (_, pod) => {
    pod.logLost = true;
  }),
  'log late': during((trouble, milliseconds) => {
    trouble.logsLate = milliseconds > 0 ? 4_000 : 0;
  }),
  'record deleted by force': onPod(
    () => true,
    ({ world }, pod) => forceDelete(world, pod),
  ),
  'all records deleted by force': onJob(({ world }, job) => {
    for (const pod of world.podsOf(job)) if (pod.boundAt !== null) forceDelete(world, pod);
  }),
  'watch cut': always(({ world, trouble }) => {
    trouble.cuts += 1;
    world.linesChanged();
  }),
  'API server silent': always(({ world, trouble }) => {
    trouble.unreadableUntil = world.clock.now() + world.chance.between(2_000, 40_000);
    world.linesChanged();
  }),
  'pods seen late': during((trouble, milliseconds) => {
    trouble.podsLate = milliseconds;
  }),
  'jobs seen late': during((trouble, milliseconds) => {
    trouble.jobsLate = milliseconds;
  }),
  'told more than once': always(({ trouble }) => {
    trouble.repeats += 5;
  }),
  'order: answer lost': nextOrder('answer-lost'),
  'order: answer late': nextOrder('answer-late'),
  'order: done halfway': nextOrder('halfway'),
  'order: half an answer': nextOrder('failed'),
  'order: refused for good': nextOrder('refused'),
  'store busy': always(({ world, trouble }) => {
    trouble.storeBusyUntil = world.clock.now() + world.chance.between(500, 8_000);
  }),
  'store lost': ({ loseStore }) => loseStore(),
  'results broken': ({ breakResults }) => breakResults(),
  // A store that was just lost knows no such run, and says so to the person.
  'cancelled by a person': always(({ cancel }) => void cancel().catch(() => undefined)),
  'released by a person': ({ release }) => release(),
  'controller killed': ({ controllers }) => controllers.kill(),
  'controller stands still, 8 s': ({ controllers }) => controllers.stall(8_000),
  'controller stands still, 40 s': ({ controllers }) => controllers.stall(40_000),
  'controller asked to leave': ({ controllers }) => controllers.leave(),
} satisfies Readonly<Record<string, Fault>>;
export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

function always(act: (reach: Reach) => void): Fault {
  return (reach) => {
    act(reach);
    return true;
  };
}

function onPod(fits: (pod: Pod) => boolean, act: (reach: Reach, pod: Pod) => void): Fault {
  return (reach) => {
    const { world } = reach;
    const pods = world.pods.filter(
      (pod) => !pod.gone && pod.boundAt !== null && pod.dueToEndAt === null && fits(pod),
    );
    if (pods.length === 0) return false;
    // What holds devices is what all this is about.
    const holding = pods.filter(({ devices }) => devices > 0);
    act(reach, world.chance.pick(holding.length > 0 ? holding : pods));
    return true;
  };
}

function ending(end: () => End): Fault {
  const canEnd = (pod: Pod) => pod.started && pod.endedTrue === null && pod.node?.state === 'up';
  return onPod(canEnd, ({ world }, pod) => {
    // Of memory, or by a measure, a gang ends as one.
    world.endPod(pod, end());
  });
}

function hang(isNoticed: boolean): Fault {
  const canHang = ({ started, endedTrue, job, life }: Pod) =>
    started &&
    endedTrue === null &&
    job.stage === 'train' &&
    life.isTraining &&
    !life.isBroken &&
    !life.isHung;
  return onPod(canHang, ({ world }, { life }) => {
    life.isHung = true;
    if (isNoticed) world.clock.after(world.chance.between(5_000, 12_000), () => life.watchdogBites());
  });
}

function nodeLost(how: 'off' | 'cut', then: (world: World, node: NonNullable<Pod['node']>) => void): Fault {
  const isOnGoodNode = (pod: Pod) => isTrulyAlive(pod) && pod.node?.state === 'up';
  return onPod(isOnGoodNode, ({ world }, { node }) => {
    if (node === null) return;
    loseNode(world, node, how);
    world.clock.after(world.chance.between(4_000, 90_000), () => then(world, node));
    // Another machine takes its place in the end.
    world.clock.after(150_000, () => world.addNode());
  });
}

function onJob(act: (reach: Reach, job: Job) => void): Fault {
  return (reach) => {
    const job = reach.world.jobs.findLast(
      ({ gone, state, deleted }) => !gone && state === 'active' && !deleted,
    );
    if (job === undefined) return false;
    act(reach, job);
    return true;
  };
}

function takenBack(reason: string, message: string): Fault {
  return onJob(({ world }, job) => {
    job.again ??= 'requeued';
    const since = inRecord(world.clock.now());
    world.setJob(job, { state: 'waiting', reason, message, takenBack: { reason, message, since } });
    world.admitsFrom = Math.max(world.admitsFrom, world.clock.now() + world.chance.between(500, 15_000));
    for (const pod of world.podsOf(job)) world.askToEnd(pod, job.graceSeconds);
  });
}

function held(reason: string, message: string): Fault {
  return onJob(({ world }, job) => {
    world.setJob(job, { state: 'held', reason, message });
    for (const pod of world.podsOf(job)) world.askToEnd(pod, job.graceSeconds);
  });
}

function during(set: (trouble: Trouble, milliseconds: number) => void): Fault {
  return always(({ world, trouble }) => {
    set(trouble, world.chance.between(1_000, 8_000));
    world.clock.after(world.chance.between(10_000, 40_000), () => set(trouble, 0));
  });
}

function nextOrder(what: OrderTrouble): Fault {
  return ({ trouble }) => {
    if (trouble.order !== null) return false;
    trouble.order = what;
    return true;
  };
}
