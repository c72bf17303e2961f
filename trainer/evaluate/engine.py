"""Who continues sequences: the one thing that budget forcing wants of a model, however it is run."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from trainer.evaluate.forcing import Ask, Reply


class Engine(Protocol):
    def reply(self, asked: Sequence[tuple[int, Ask]]) -> list[Reply]:
        """To each ask, in order. The number names the question, whose sequences have much in common."""


class Decoder(Protocol):
    def next_logits(self, rows: Sequence[int], sequences: Sequence[Sequence[int]]) -> Tensor: ...


class Greedy:
    """Always the likeliest token: a sequence is always continued the same way, and what was said is known.

    A smaller budget's thinking is the beginning of a larger one's. Ask for the largest first.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._known: dict[tuple[int, Ask], tuple[int, Reply]] = {}

    def reply(self, asked: Sequence[tuple[int, Ask]]) -> list[Reply]:
        unknown = [one for one in asked if self._recall(*one) is None]
        for (row, ask), reply in zip(unknown, generate(self._decoder, unknown), strict=True):
            self._known[row, _unlimited(ask)] = ask.max_tokens, reply
        replies = [self._recall(*one) for one in asked]
        return [reply for reply in replies if reply is not None]

    def _recall(self, row: int, ask: Ask) -> Reply | None:
        limit, reply = self._known.get((row, _unlimited(ask)), (0, None))
        if reply is None or (reply.stop is None and limit < ask.max_tokens):
            return None
        if reply.stop is not None and len(reply.tokens) < ask.max_tokens:
            return reply
        return Reply(reply.tokens[: ask.max_tokens], None)


def _unlimited(ask: Ask) -> Ask:
    return Ask(ask.sequence, 0, ask.stops, ask.not_first)


def generate(decoder: Decoder, asked: Sequence[tuple[int, Ask]]) -> list[Reply]:
    """Greedy continuations. A row leaves the batch as it ends; an empty batch is fine."""
    new: list[list[int]] = [[] for _ in asked]
    stops: list[int | None] = [None] * len(asked)
    live = list(range(len(asked)))
    while live:
        rows, asks = [asked[i][0] for i in live], [asked[i][1] for i in live]
        logits = decoder.next_logits(
            rows, [[*ask.sequence, *new[i]] for i, ask in zip(live, asks, strict=True)]
        )
        banned = [
            (place, token)
            for place, (i, ask) in enumerate(zip(live, asks, strict=True))
            if not new[i]
            for token in ask.not_first
        ]
        if banned:
            # What a decoder makes in inference mode may not be changed in place outside of it.
            never = logits.new_full((len(banned),), float("-inf"))
            logits = logits.index_put(tuple(torch.tensor(banned, device=logits.device).T), never)
        for i, ask, token in zip(live, asks, logits.argmax(-1).tolist(), strict=True):
            if token in ask.stops:
                stops[i] = token
            else:
                new[i].append(token)
        live = [i for i in live if stops[i] is None and len(new[i]) < asked[i][1].max_tokens]
    return [Reply(tuple(tokens), stop) for tokens, stop in zip(new, stops, strict=True)]
