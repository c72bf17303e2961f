"""Questions as the tokens that a model is asked with, up to where the assistant's turn begins."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from trainer.evaluate.benchmark import Question
from trainer.evaluate.settings import Control
from trainer.evaluate.told import instruction
from trainer.sft.template import Record, tokenize


@dataclass(frozen=True, slots=True)
class Prompts:
    ids: list[list[int]]
    """A question each. What a question says is text in them, whatever it says."""
    held: dict[int, list[str]]
    """Questions whose text holds control tokens, by index, with which."""


def encode_prompts(
    questions: Sequence[Question],
    system_prompt: str | None,
    tokenizer: Tokenizer,
    places: Sequence[str] | None = None,
    told: str = "",
) -> Prompts:
    """As training renders them. `places`: what errors call each question. `told`: what stands behind each.

    Raises StageError `data` where a tokenizer cannot read a question as plain text.
    """
    names = places if places is not None else [f"question {index + 1}" for index in range(len(questions))]
    records = [
        Record(id=name, question=question.text + told, trace="", answer="")
        for name, question in zip(names, questions, strict=True)
    ]
    tokenized = tokenize(records, system_prompt, tokenizer)
    ids = [sample.ids[: sample.num_prompt] for sample in tokenized.samples]
    return Prompts(ids, tokenized.held)


def under_all(told: dict[str, Prompts]) -> Prompts:
    """What `encode_told` gives as one: what a question holds is the same whatever is told behind it."""
    return Prompts([ids for each in told.values() for ids in each.ids], told[""].held)


def encode_told(
    questions: Sequence[Question],
    controls: Sequence[Control],
    system_prompt: str | None,
    tokenizer: Tokenizer,
    places: Sequence[str] | None = None,
) -> dict[str, Prompts]:
    """The prompts of each control, by what it tells the model; those that tell nothing are always there."""
    instructions = dict.fromkeys(["", *map(instruction, controls)])
    return {
        told: encode_prompts(questions, system_prompt, tokenizer, places=places, told=told)
        for told in instructions
    }
