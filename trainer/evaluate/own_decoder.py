"""The trainer's own decoder as an engine: the likeliest token, or one drawn by its probability."""

import random
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from trainer.evaluate.ask import Ask, Reply


class Decoder(Protocol):
    def next_logits(self, rows: Sequence[int], sequences: Sequence[Sequence[int]]) -> Tensor: ...


class OwnEngine:
    def __init__(self, decoder: Decoder, *, temperature: float = 0) -> None:
        self._decoder = decoder
        self._temperature = temperature

    def reply(self, asked: Sequence[tuple[int, Ask]]) -> list[Reply]:
        return generate(self._decoder, asked, temperature=self._temperature)


def generate(decoder: Decoder, asked: Sequence[tuple[int, Ask]], *, temperature: float = 0) -> list[Reply]:
    """Continuations of all that are asked. A row leaves the batch as it ends; an empty batch is fine.

    At temperature 0 the likeliest token. Else each row draws by its own seed, so that what is decoded beside
    it changes nothing, and a shorter limit gives the beginning of what a longer one gives.
    """
    new: list[list[int]] = [[] for _ in asked]
    stops: list[int | None] = [None] * len(asked)
    at_text = [False] * len(asked)
    chances = [random.Random(ask.seed) for _, ask in asked]
    live = list(range(len(asked)))
    while live:
        rows, asks = [asked[i][0] for i in live], [asked[i][1] for i in live]
        logits = decoder.next_logits(
            rows, [[*ask.sequence, *new[i]] for i, ask in zip(live, asks, strict=True)]
        )
        logits = _without_banned(logits, [() if new[i] else asked[i][1].not_first for i in live])
        if temperature == 0:
            chosen = logits.argmax(-1)
        else:
            chosen = draw(logits / temperature, [chances[i].random() for i in live])
        for i, ask, token in zip(live, asks, chosen.tolist(), strict=True):
            if token in ask.stops:
                stops[i] = token
            else:
                new[i].append(token)
                at_text[i] = ask.text_end is not None and ask.text_end.closes(tuple(new[i]))
        ended = [stop is not None or whole for stop, whole in zip(stops, at_text, strict=True)]
        live = [i for i in live if not ended[i] and len(new[i]) < asked[i][1].max_tokens]
    ends = zip(new, stops, at_text, strict=True)
    return [Reply(tuple(tokens), stop, at_text=whole) for tokens, stop, whole in ends]


def draw(logits: Tensor, chances: Sequence[float]) -> Tensor:
    """Of each row the token at whose place its chance, in [0, 1), falls among the summed probabilities.

    Summed in fp64: over a hundred thousand tokens fp32 would lose the rare ones.
    """
    sums = logits.double().softmax(-1).cumsum(-1)
    chance = torch.tensor(chances, dtype=torch.float64, device=logits.device)[:, None]
    # A token of no probability is never drawn; sums may end a little below 1.
    return torch.searchsorted(sums, chance * sums[:, -1:], right=True)[:, 0].clamp(max=logits.shape[-1] - 1)


def _without_banned(logits: Tensor, banned: Sequence[Sequence[int] | frozenset[int]]) -> Tensor:
    places = [(place, token) for place, tokens in enumerate(banned) for token in tokens]
    if not places:
        return logits
    # What a decoder makes in inference mode may not be changed in place outside of it.
    never = logits.new_full((len(places),), float("-inf"))
    return logits.index_put(tuple(torch.tensor(places, device=logits.device).T), never)
