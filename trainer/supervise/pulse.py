"""What a rank says of its progress while it trains, and how long each part of it may take.

A false alarm costs every device's time since the last checkpoint. So what is no step may take as long as it
does on poor machines, and a step that takes longer than planned raises what the next ones may take.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from trainer.sft.checkpoint_state import BYTES_PER_PARAMETER
from trainer.spec import JobSpec, RecomputeMode
from trainer.supervise.heartbeat import STARTUP_SECONDS, Heartbeat

# A network volume's server that fails over is away for minutes.
STALL_SECONDS = 10 * 60.0
# Of the work folder, for each node, where the profile has no floor: a hard disk that is busy.
SLOW_DISK = 50e6
# Written, read again for its digests, on a volume that other runs use as well.
TRANSFERS = 4
NUM_STEPS = 20


class Pulse:
    """One rank's, from its start."""

    def __init__(self, spec: JobSpec, heartbeat: Heartbeat) -> None:
        self._spec, self._heartbeat = spec, heartbeat
        self._modes: set[RecomputeMode] = set()
        # The first step is slow for reasons of its own; it counts until there is another.
        self._first = 0.0
        self._recent: deque[float] = deque(maxlen=NUM_STEPS)

    def loading(self, *, num_parameters: int = 0) -> None:
        self._heartbeat.beat("loading", allowed_seconds=STARTUP_SECONDS + self._transfer(num_parameters))

    def checkpointing(self, step: int, *, num_parameters: int) -> None:
        allowed = max(STALL_SECONDS, self._spec.hang_seconds) + self._transfer(num_parameters)
        self._heartbeat.beat(f"the checkpoint of step {step}", allowed_seconds=allowed)

    @contextmanager
    def step(self, step: int, mode: RecomputeMode) -> Iterator[None]:
        """Around a step. The first one loads kernels and meets all peers; a mode's first one may compile."""
        usual = max(self._spec.expected.step_seconds, *self._recent or [self._first])
        may_compile = self._spec.recipe.training.compile and mode not in self._modes
        settled = bool(self._modes) and not may_compile
        if settled:
            allowed = usual + self._spec.hang_seconds
            self._heartbeat.beat(f"step {step}", allowed_seconds=allowed, usual_seconds=usual)
        else:
            self._heartbeat.beat(f"step {step}", allowed_seconds=STARTUP_SECONDS)
        started = time.monotonic()
        yield
        if settled:
            self._recent.append(time.monotonic() - started)
        else:
            self._first = max(self._first, time.monotonic() - started)
        self._modes.add(mode)

    def _transfer(self, num_parameters: int) -> float:
        """Seconds that the slowest allowed disks need for a checkpoint, which no weights' files exceed."""
        floors = self._spec.floors
        rate = SLOW_DISK if floors is None else floors.disk_bytes_per_second
        return TRANSFERS * BYTES_PER_PARAMETER * num_parameters / (rate * self._spec.world.nodes)
