"""When silence is a hang, and where the ranks were: pure."""

import re
from collections.abc import Mapping

from trainer.supervise.heartbeat import Beat

# One that was asked to stop and is silent for so much longer than its step takes will not save any more; the
# rest of the grace period (30 s unless the profile says otherwise) is for telling so.
STOP_SECONDS = 10.0
# A process that could not look for longer than this was halted itself, and its ranks with it.
LONGEST_GAP = 5.0

FRAME = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+) in (?P<name>.+)')
# Decorators' and modules' own frames say nothing.
DULL = re.compile(r"^(wrapper|inner|decorate_context|_fn|_?_?call_?(_impl|impl)?_?_?)$")
STATES = {
    "T": "is stopped (SIGSTOP)",
    "D": "waits for a disk or a driver",
    "Z": "has ended",
    "X": "has ended",
}


class Silence:
    """How long no rank has given a new sign of life, counted only while somebody looked."""

    def __init__(self) -> None:
        self._beats: Mapping[int, Beat] = {}
        self._seen_at: float | None = None
        self.seconds = 0.0

    def look(self, beats: Mapping[int, Beat], now: float) -> None:
        if beats != self._beats:
            self.seconds = 0.0
        elif self._seen_at is not None:
            self.seconds += min(now - self._seen_at, LONGEST_GAP)
        self._beats, self._seen_at = dict(beats), now

    def is_hang(self, *, stopping: bool) -> bool:
        """`stopping`: the ranks were asked to save and end."""
        return bool(self._beats) and self.seconds > limit(self._beats, stopping=stopping)


def limit(beats: Mapping[int, Beat], *, stopping: bool) -> float:
    """The rank that may take longest decides: the others may be waiting for it."""
    return max(
        min(beat.allowed_seconds, beat.usual_seconds + STOP_SECONDS) if stopping else beat.allowed_seconds
        for beat in beats.values()
    )


def place(stack: str, state: str = "") -> str:
    """Where a rank is, from all of its threads' stacks as faulthandler writes them: `in f (trainer/x.py:7)`.

    That is the main thread's innermost line of the trainer, and what it calls there. `state`: the process's
    letter in /proc/PID/stat.
    """
    # faulthandler lists the newest thread first, the main thread last.
    main = re.split(r"\n(?=(?:Current thread|Thread) 0x)", stack.strip())[-1]
    frames = [match.groupdict() for match in FRAME.finditer(main)]
    called = ""
    for frame in frames:
        if "/trainer/" in frame["file"]:
            file = "trainer/" + frame["file"].rsplit("/trainer/", 1)[1]
            return f"in {called or frame['name']} ({file}:{frame['line']})"
        if not DULL.match(frame["name"]):
            called = frame["name"]
    if state in STATES:
        return STATES[state]
    return f"in {frames[0]['name']} ({frames[0]['file']}:{frames[0]['line']})" if frames else "shows no stack"


def summary(places: Mapping[int, str]) -> str:
    """`rank 3 in read (trainer/data.py:7); ranks 0-2 in all_gather (...)`: the odd one out comes first."""
    ranks_at: dict[str, list[int]] = {}
    for rank in sorted(places):
        ranks_at.setdefault(places[rank], []).append(rank)
    parts = sorted(ranks_at.items(), key=lambda item: (len(item[1]), item[1]))
    return "; ".join(f"{_ranks(ranks)} {where}" for where, ranks in parts)


def odd_one_out(places: Mapping[int, str]) -> int | None:
    """The only rank that is where no other is, where the others are together."""
    where = list(places.values())
    alone = [rank for rank, at in places.items() if where.count(at) == 1]
    return alone[0] if len(alone) == 1 and len(places) > 1 else None


def _ranks(ranks: list[int]) -> str:
    spans: list[list[int]] = []
    for rank in ranks:
        if spans and spans[-1][-1] == rank - 1:
            spans[-1] = [spans[-1][0], rank]
        else:
            spans.append([rank])
    text = ", ".join("-".join(map(str, span)) for span in spans)
    return f"rank {text}" if len(ranks) == 1 else f"ranks {text}"
