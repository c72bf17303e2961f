"""Seconds and peak bytes of work on a device."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch

Lap = Callable[[str], None]
"""Ends a stretch of work that began at the lap before, and names it."""


@dataclass(frozen=True, slots=True)
class Repeats:
    warmup: int
    timed: int


def median_laps(run: Callable[[Lap], object], device: torch.device, repeats: Repeats) -> dict[str, float]:
    """Median seconds of each lap of `run`, after warm-up. On a GPU events in its stream are the clock."""
    laps: dict[str, list[float]] = {}
    for index in range(repeats.warmup + repeats.timed):
        marks = [("start", _mark(device))]
        run(lambda name, marks=marks: marks.append((name, _mark(device))))  # type: ignore[misc]
        synchronize(device)
        if index < repeats.warmup:
            continue
        for (_, before), (name, after) in pairwise(marks):
            laps.setdefault(name, []).append(_seconds(before, after))
    return {name: statistics.median(times) for name, times in laps.items()}


def peak_bytes(run: Callable[[], object], device: torch.device) -> int | None:
    """Most bytes that tensors took at once while `run` ran, those counted that were there; None on a CPU."""
    if device.type != "cuda":
        run()
        return None
    synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    run()
    synchronize(device)
    return torch.cuda.max_memory_allocated(device)


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


Mark = torch.cuda.Event | float


def _mark(device: torch.device) -> Mark:
    if device.type != "cuda":
        return time.perf_counter()
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


def _seconds(before: Mark, after: Mark) -> float:
    if isinstance(before, float) or isinstance(after, float):
        assert isinstance(before, float) and isinstance(after, float)
        return after - before
    milliseconds: float = before.elapsed_time(after)
    return milliseconds / 1000
