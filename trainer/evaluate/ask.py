"""What is asked of an engine, what it replies, and what of that may be used."""

from dataclasses import dataclass

from trainer.evaluate.text_end import TextEnd, Tokens


@dataclass(frozen=True, slots=True)
class Ask:
    """A continuation that is wanted of an engine."""

    sequence: Tokens
    max_tokens: int
    """At least 1; a stop token counts."""
    stops: frozenset[int]
    not_first: frozenset[int] = frozenset()
    """Tokens that it may not begin with: none, the stops, or others where one token is asked for."""
    seed: int = 0
    """Of what is drawn, where an engine draws."""
    text_end: TextEnd | None = None
    """A text that ends it, too. Its tokens come with the reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    tokens: Tokens
    """Without the token that ended it."""
    stop: int | None
    """That token; None where a limit ended it, or a text."""
    at_text: bool = False
    """The text that ends it is whole by the last of its tokens."""


def as_asked(reply: Reply, ask: Ask, said: Tokens) -> tuple[Reply, bool]:
    """Of the reply what may be used, and whether that is all of it; `said`: what it goes on from."""
    tokens, stop = reply.tokens, reply.stop
    kept = stop is None or stop in ask.stops
    inside = next((i for i, token in enumerate(tokens) if token in ask.stops), None)
    if inside is not None:
        tokens, stop, kept = tokens[:inside], tokens[inside], False
    if len(tokens) + (stop is not None) > ask.max_tokens:
        tokens, stop, kept = tokens[: ask.max_tokens], None, False
    found = None if ask.text_end is None else ask.text_end.find((*said, *tokens))
    if found is not None:
        before, whole = (place - len(said) for place in found)
        # Of one that began in an earlier reply the engine could know nothing.
        kept = kept and (before < 0 or (whole == len(tokens) and stop is None))
        tokens, stop = tokens[:whole], None
    first = tokens[0] if tokens else stop
    too_short = stop is None and found is None and len(tokens) < ask.max_tokens
    if first in ask.not_first or too_short:
        # It ended where it might not, or for a limit of its own.
        kept = False
    return Reply(tokens, stop, at_text=found is not None), kept
