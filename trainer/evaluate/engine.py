"""Who continues sequences: the one thing that budget forcing wants of a model, wherever it is run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from trainer.evaluate.ask import Ask, Reply


class Engine(Protocol):
    def reply(self, asked: Sequence[tuple[int, Ask]]) -> list[Reply]:
        """To each ask, in order. The number names the question, whose sequences have much in common."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a result rests on beside checkpoint and recipe; None where nobody tells."""

    kind: Literal["trainer", "vllm", "endpoint"]
    name: str
    version: str | None
    dtype: str | None
    batch: int
    """Most sequences that are continued together."""
    tensor_parallel: int | None
    """Devices that share one copy of the model."""
    replicas: int | None
    url: str | None = None
    """Of an endpoint, and the name of the model that it serves there."""
    model: str | None = None


class Host(Protocol):
    """A model that is ready to be asked."""

    identity: Identity
    together: int
    """Questions that one engine is asked at a time."""
    at_once: int
    """Engines that are asked at the same time, each by a thread of its own."""
    positions: int | None
    """Most tokens of a sequence, where there is such a limit."""

    def engine(self, prompts: Sequence[Sequence[int]]) -> Engine:
        """One for these questions, at most `together`; a question's number is its place among them."""


class Recalling:
    """Asks an engine only what it has not said already.

    A sequence is always continued the same way, from the same seed where it is drawn, so a smaller budget's
    thinking is the beginning of a larger one's. Ask for the largest first.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[tuple[int, Ask], tuple[int, Reply]] = {}

    def reply(self, asked: Sequence[tuple[int, Ask]]) -> list[Reply]:
        unknown = [one for one in asked if self._recall(*one) is None]
        if unknown:
            for (row, ask), reply in zip(unknown, self._engine.reply(unknown), strict=True):
                self._known[row, _unlimited(ask)] = ask.max_tokens, reply
        replies = [self._recall(*one) for one in asked]
        return [reply for reply in replies if reply is not None]

    def _recall(self, row: int, ask: Ask) -> Reply | None:
        limit, reply = self._known.get((row, _unlimited(ask)), (0, None))
        ended = reply is not None and (reply.stop is not None or reply.at_text)
        if reply is None or (limit < ask.max_tokens and not ended):
            return None
        used = len(reply.tokens) + (reply.stop is not None)
        if limit == ask.max_tokens or (ended and used <= ask.max_tokens):
            # What an engine has sent too much is shown to whoever judges it.
            return reply
        return Reply(reply.tokens[: ask.max_tokens], None)


def _unlimited(ask: Ask) -> Ask:
    return replace(ask, max_tokens=0)
