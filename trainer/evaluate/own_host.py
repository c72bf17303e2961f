"""The trainer's own model as a host: one device decodes a batch of questions at a time."""

from collections.abc import Callable, Sequence

import torch

from trainer.evaluate.cached_decoder import CachedDecoder
from trainer.evaluate.engine import Identity
from trainer.evaluate.memory import Room
from trainer.evaluate.own_decoder import OwnEngine
from trainer.sft.model import CausalLM


class OwnHost:
    at_once = 1
    # What prepare has checked before: every sequence has room.
    positions: int | None = None

    def __init__(
        self,
        model: CausalLM,
        fit: Room,
        *,
        temperature: float,
        capacity_of: Callable[[Sequence[Sequence[int]]], int],
    ) -> None:
        """`capacity_of`: tokens that a sequence of these prompts may have."""
        self._model = model
        self._temperature = temperature
        self._capacity_of = capacity_of
        self.together = fit.batch
        self.identity = Identity("trainer", "stint", torch.__version__, fit.dtype, fit.batch, 1, 1)

    def engine(self, prompts: Sequence[Sequence[int]]) -> OwnEngine:
        decoder = CachedDecoder(self._model, num_rows=len(prompts), capacity=self._capacity_of(prompts))
        return OwnEngine(decoder, temperature=self._temperature)
