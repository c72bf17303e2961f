"""Seconds and peak memory of whole optimizer steps, whoever takes them: the same clock for every trainer."""

import time
from dataclasses import dataclass

import torch

from trainer.bench.clock import Repeats, synchronize


@dataclass(frozen=True, slots=True)
class Steps:
    seconds: list[float]
    """Of each timed step."""
    peak_bytes: int | None
    """Most that tensors took during the timed steps, states included; None on a CPU."""
    first_loss: float
    """Mean over the labelled tokens of the first step, before any update."""


class StepClock:
    """Made before anything of the trainer is on the device, which is then not counted as its memory."""

    def __init__(self, device: torch.device, repeats: Repeats) -> None:
        self._device, self._repeats = device, repeats
        self._held = torch.cuda.memory_allocated(device) if device.type == "cuda" else 0
        self._seconds: list[float] = []
        self._started = 0.0

    def begin(self) -> None:
        synchronize(self._device)
        if len(self._seconds) == self._repeats.warmup and self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self._device)
        self._started = time.perf_counter()

    def end(self) -> None:
        synchronize(self._device)
        self._seconds.append(time.perf_counter() - self._started)

    def read(self, *, first_loss: float) -> Steps:
        peak = None
        if self._device.type == "cuda":
            peak = torch.cuda.max_memory_allocated(self._device) - self._held
        return Steps(self._seconds[self._repeats.warmup :], peak, first_loss)
