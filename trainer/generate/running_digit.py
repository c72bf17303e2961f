"""Word problems whose reasoning has a length: add a number n times and keep track of the last digit.

    question  Start at 347 and add twenty-nine, four times. What is the last digit?
    trace     seven@zero,six@one,two@two
              Wait,five@two,four@three,three@four
    answer    Final Answer: three

The trace gives the digit at each addition. "two@two" above is a slip, and "Wait" takes it back. In as many
other traces "Wait" follows the last step though it is right, and finds it again: a doubt need not be right.
A small network cannot add so often in one forward pass, so it knows the answer only once the trace has been
walked: what s1 shows for long reasoning (accuracy rises with thinking tokens, its Figure 1) shows here, too.
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
        start = _below(rng, 1000)
        # Ends in 1, 3, 7 or 9, so that the last digit runs through all ten before it comes round.
        addend = 10 * (2 + _below(rng, 8)) + (1, 3, 7, 9)[_below(rng, 4)]
        wait_at = 1 + _below(rng, num_additions) if rng.random() < source["slipShare"] else None
        off_by = 1 + _below(rng, 9)
        if wait_at is None and rng.random() < source["slipShare"]:
            wait_at, off_by = num_additions, 0
        digits = [(start + addend * count) % 10 for count in range(num_additions + 1)]
        yield {
            "id": f"running-digit-{source['seed']}-{index}",
            "question": (
                f"Start at {start} and add {in_words(addend)}, {in_words(num_additions)} times. "
                "What is the last digit?"
            ),
            "trace": _trace(digits, wait_at, off_by),
            "answer": f"Final Answer: {in_words(digits[-1])}",
        }


def _trace(digits: list[int], wait_at: int | None, off_by: int) -> str:
    """Digit, then counter: a single attention layer can tell from the counter whether to stop.

    A counter has a mark of its own, so that it is another token than the same number in the question.
    """
    text = ""
    for index, digit in enumerate(digits):
        counter = in_words(index)
        comma = "," if index else ""
        if index == wait_at:
            text += f"{comma}{in_words((digit + off_by) % 10)}@{counter}\nWait"
            comma = ","
        text += f"{comma}{in_words(digit)}@{counter}"
    return text


def _below(rng: random.Random, bound: int) -> int:
    return int(rng.random() * bound)


def _log_normal(rng: random.Random, additions: Mapping[str, Any]) -> int:
    """A log-normal count, clipped; the smallest positive uniform stands for 0, whose quantile is infinite."""
    quantile = NormalDist().inv_cdf(max(rng.random(), 2.0**-53))
    count = round(additions["median"] * math.exp(additions["sigma"] * quantile))
    return int(min(max(count, additions["min"]), additions["max"]))
