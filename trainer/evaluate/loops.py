"""Whether a text has begun to repeat itself, by its tokens alone."""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_PERIOD = 512
FEWEST_COPIES = 4
FEWEST_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Loop:
    """The text ends with `copies` whole copies of the same `period` tokens."""

    period: int
    copies: int


def loop_of(tokens: Sequence[int]) -> Loop | None:
    """The loop of the shortest period in which the text ends.

    Four copies or more, over 64 tokens or more, of at most 512: a list of equal rows is no loop, and a text
    that has come out of one is none either.
    """
    for period in range(1, min(LONGEST_PERIOD, len(tokens) // FEWEST_COPIES) + 1):
        wanted = max(FEWEST_COPIES * period, FEWEST_TOKENS)
        # Nearly every period fails at its first comparison.
        repeated = period
        while repeated < len(tokens) and tokens[-repeated - 1] == tokens[period - repeated - 1]:
            repeated += 1
        if repeated >= wanted:
            return Loop(period, repeated // period)
    return None
