"""A look into a few steps, where the recipe asks for one (`training.profile`): torch's profiler, and on a GPU
the record of its memory. The first rank writes them into the run's `profile/`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from trainer.spec import Job

# Of allocations; more than three steps of a 32B model make.
MEMORY_ENTRIES = 200_000


class StepProfile:
    """Of the rank that makes it."""

    def __init__(self, job: Job, *, last_step: int) -> None:
        asked = job.spec.recipe.training.profile
        self._first, self._last = (asked.steps[0], min(asked.steps[1], last_step)) if asked else (0, 0)
        self._stem = f"attempt-{job.attempt}-steps-{self._first}-{self._last}"
        self._folder = job.work / "profile"
        self._running: profile | None = None

    @contextmanager
    def step(self, step: int) -> Iterator[None]:
        """Around each step. Steps that are profiled are slower than others, the last of them above all."""
        if step == self._first:
            self._start()
        yield
        if self._running is not None and step == self._last:
            self._write(self._running)
            self._running = None

    def _start(self) -> None:
        on_cuda = torch.cuda.is_available()
        if on_cuda:
            torch.cuda.memory._record_memory_history(max_entries=MEMORY_ENTRIES)
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_cuda else [])]
        self._running = profile(activities=activities, record_shapes=True)
        self._running.start()

    def _write(self, running: profile) -> None:
        running.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        running.export_chrome_trace(str(self._path("trace.json")))
        if torch.cuda.is_available():
            torch.cuda.memory._dump_snapshot(str(self._path("memory.pickle")))
            torch.cuda.memory._record_memory_history(enabled=None)

    def _path(self, what: str) -> Path:
        return self._folder / f"{self._stem}.{what}"
