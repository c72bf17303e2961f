"""Where the seconds of a step go, by the device's own clock, and the most memory it held."""

import resource
import sys
import time
from collections.abc import Mapping
from typing import get_args

import torch

from trainer.events import StepPhase

Moment = float | torch.cuda.Event


class Meter:
    """Cuts time into phases without gap or overlap: each runs from the mark before to its own.

    On CUDA a mark is an event in the device's queue, so marking waits for nothing and a phase is the time
    that the device took, or stood idle, for it. A step's reading begins with the update of the step before,
    which the device works on while the host packs.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._marks: list[tuple[StepPhase, Moment, Moment]] = []
        self._last = self._now()

    def restart(self) -> None:
        """What passed since the last mark belongs to no step."""
        self._last = self._now()

    def mark(self, phase: StepPhase) -> None:
        now = self._now()
        self._marks.append((phase, self._last, now))
        self._last = now

    def read(self) -> dict[StepPhase, float]:
        """Seconds of all phases since the last reading; the device must have passed the last mark."""
        seconds = dict.fromkeys(get_args(StepPhase), 0.0)
        for phase, start, end in self._marks:
            seconds[phase] += _between(start, end)
        self._marks = []
        return seconds

    def _now(self) -> Moment:
        if self._device.type == "cpu":
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event


def peak_memory(device: torch.device) -> int:
    """Most bytes so far: of the device's tensors, or of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # bytes there, KiB elsewhere


def longest_first(seconds: Mapping[StepPhase, float]) -> str:
    """Readable: `forward 1.234 s, backward 0.812 s, ...`."""
    ordered = sorted(seconds.items(), key=lambda item: -item[1])
    return ", ".join(f"{phase} {value:.3f} s" for phase, value in ordered)


def _between(start: Moment, end: Moment) -> float:
    if isinstance(start, float) and isinstance(end, float):
        return end - start
    assert isinstance(start, torch.cuda.Event) and isinstance(end, torch.cuda.Event)
    return float(start.elapsed_time(end)) / 1000
