"""Records that tell in their question how long their own trace is, so that a model learns to heed it.

As s1 made its sets for token- and step-conditional control (in its history: data/utils/string_utils.py):
numbers are rounded up to a power of two, and steps are what empty lines set apart.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from tokenizers import Tokenizer

from trainer.sft.template import Record

Condition = Literal["token", "step"]


def up_to(number: int, unit: Literal["tokens", "steps"]) -> str:
    """What stands behind the question, in training and in evaluation alike."""
    return f"\n\nThink for up to {number} {unit}."


def conditioned(
    records: Sequence[Record], condition: Condition | None, tokenizer: Tokenizer
) -> Sequence[Record]:
    if condition is None:
        return records
    if condition == "step":
        return [_by_steps(record) for record in records]
    traces = tokenizer.encode_batch([record.trace.strip() for record in records], add_special_tokens=False)
    return [
        # A power of two itself goes up to the next one, as in s1's sets.
        replace(record, question=record.question + up_to(2 ** len(trace.ids).bit_length(), "tokens"))
        for record, trace in zip(records, traces, strict=True)
    ]


def _by_steps(record: Record) -> Record:
    steps = tuple(step.strip() for step in record.trace.split("\n\n") if step.strip())
    number = 2 ** (len(steps) - 1).bit_length()
    return replace(record, question=record.question + up_to(number, "steps"), steps=steps, told_steps=number)
