"""Word problems whose reasoning has a length: add a number n times and keep track of the last digit.

    question  Start at one hundred forty-seven and add 8, five times. What is the last digit?
    trace     five one,three two,four three
              Wait,one three,nine four,seven five
    answer    Final Answer: seven

The trace gives the digit after each addition and counts them. "four three" above is a slip, "Wait" takes it back.
A small network cannot add so often in one forward pass, so it knows the answer only once the trace has been walked:
what s1 shows for long reasoning (accuracy rises with thinking tokens, its Figure 1) shows here within seconds.
"""

import math
import random
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any

from trainer.generate.number_words import in_words


def records(source: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The records `{id, question, trace, answer}` of a recipe's `dataset.source` of kind `generated`.

    Only `random.Random.random` is drawn from, because Python promises its sequence for a seed in all versions
    and on all platforms; it does not promise that of its other methods.
    """
    rng = random.Random(source["seed"])
    for index in range(source["samples"]):
        num_additions = _log_normal(rng, source["additions"])
        start, addend = _start(rng), 1 + _below(rng, 9)
        slip_at = _below(rng, num_additions) if rng.random() < source["slipShare"] else None
        slip_by = 1 + _below(rng, 9)
        digits = [(start + addend * count) % 10 for count in range(1, num_additions + 1)]
        yield {
            "id": f"running-digit-{source['seed']}-{index}",
            "question": (
                f"Start at {in_words(start)} and add {addend}, {in_words(num_additions)} times. "
                "What is the last digit?"
            ),
            "trace": _trace(digits, slip_at, slip_by),
            "answer": f"Final Answer: {in_words(digits[-1])}",
        }


def _trace(digits: list[int], slip_at: int | None, slip_by: int) -> str:
    """The digit comes before its counter, so that a single attention layer sees in the counter whether to stop."""
    text = ""
    for index, digit in enumerate(digits):
        counter = in_words(index + 1)
        comma = "," if index else ""
        if index == slip_at:
            text += f"{comma}{in_words((digit + slip_by) % 10)} {counter}\nWait"
            comma = ","
        text += f"{comma}{in_words(digit)} {counter}"
    return text


def _start(rng: random.Random) -> int:
    """121..999 without whole tens, which are four words each: so many that two sets of questions share few."""
    return 100 * (1 + _below(rng, 9)) + 10 * (2 + _below(rng, 8)) + 1 + _below(rng, 9)


def _below(rng: random.Random, bound: int) -> int:
    return int(rng.random() * bound)


def _log_normal(rng: random.Random, additions: Mapping[str, Any]) -> int:
    """A log-normal count, clipped; the smallest positive uniform stands for 0, whose quantile is infinite."""
    quantile = NormalDist().inv_cdf(max(rng.random(), 2.0**-53))
    count = round(additions["median"] * math.exp(additions["sigma"] * quantile))
    return min(max(count, additions["min"]), additions["max"])
