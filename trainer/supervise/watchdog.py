"""Sees that the ranks of a container are silent, finds out where they are, and ends them."""

import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

from trainer.supervise import evidence
from trainer.supervise.hang import Silence, limit, odd_one_out, place, summary
from trainer.supervise.heartbeat import Beat, read_beats

END_SECONDS = 3.0


class Watchdog:
    """Watches the ranks that leave their traces (trainer.stage) in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._silence = Silence()

    def look(self, child: "subprocess.Popen[bytes]", *, stopping: bool) -> dict[str, Any] | None:
        """To be called every second. At a hang it ends the ranks and `child`, and returns how it was."""
        beats = self._beats()
        self._silence.look(beats, time.monotonic())
        if not self._silence.is_hang(stopping=stopping):
            return None
        silent, began = self._silence.seconds, time.time() - self._silence.seconds
        started = self.pids()
        pids = {rank: started[rank] for rank in beats}
        stacks = evidence.stacks(self._folder, pids)
        places = {rank: place(stacks[rank], evidence.state(pids[rank])) for rank in pids}
        ending = _ending(beats, places, silent, stopping=stopping)
        hung_since = None if stopping else began
        evidence.tell(ending["message"], stacks, hung_since=hung_since)
        end(child, pids.values())
        return ending

    def pids(self) -> dict[int, int]:
        """Process ids of the ranks that have begun and not ended by their own will."""
        started = {int(path.stem): int(path.read_text()) for path in self._folder.glob("*.started")}
        return {rank: pid for rank, pid in started.items() if not (self._folder / f"{rank}.json").exists()}

    def _beats(self) -> dict[int, Beat]:
        started = self.pids()
        return {rank: beat for rank, beat in read_beats(self._folder).items() if rank in started}


def end(child: "subprocess.Popen[bytes]", pids: Iterable[int]) -> None:
    """Ends the ranks and their command; when it returns, the command has ended, however stuck they were."""
    for number in (SIGTERM, SIGKILL):
        # Ranks that are too young to have said who they are, and compilers, are only found this way.
        for pid in {*pids, *_descendants(child.pid)}:
            evidence.send(pid, number)
        # torchrun ends when its workers have; killed itself, it would leave those that are missing here.
        evidence.send(child.pid, SIGTERM)
        try:
            child.wait(END_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue
    child.kill()
    child.wait()


def _descendants(pid: int) -> list[int]:
    """Children of the process and theirs, where /proc tells."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
    found = [pid]
    for ancestor in found:
        found += [child for child, parent in parents.items() if parent == ancestor]
    return found[1:]


def _ending(
    beats: Mapping[int, Beat], places: Mapping[int, str], silent: float, *, stopping: bool
) -> dict[str, Any]:
    """The termination message (orchestrator/wire/termination.ts)."""
    last = max(beats.values(), key=lambda beat: beat.at)
    where = f"{summary(places)}. Stacks: {evidence.kept_in()}."
    if stopping:
        message = (
            f"Stopped on request without saving: no rank of this container made progress in {silent:.0f} s, "
            f"in {last.doing}. {where}"
        )
        return {"exitClass": "interrupted", "message": message}
    allowed, usual = limit(beats, stopping=False), last.usual_seconds
    normally = "" if usual == last.allowed_seconds else f"; a step takes {usual:.3g} s"
    message = (
        f"Hung in {last.doing}: no rank of this container made progress in {silent:.0f} s; "
        f"{allowed:.3g} s are allowed{normally}. {where} A new attempt goes on from the newest checkpoint."
    )
    suspect = odd_one_out(places)
    ending = {"exitClass": "hung", "message": message}
    return ending if suspect is None else {**ending, "rank": suspect}
