"""A record as the text that is trained on, and as tokens with the place where its labels begin.

s1 (data/tokenization.py) puts question, trace and answer into Qwen2.5's chat template like this, and a recipe
may have other delimiters in place of its own two (trainer.thinking):

    <|im_start|>system
    {system prompt}<|im_end|>
    <|im_start|>user
    {question}<|im_end|>
    <|im_start|>assistant
    <|im_start|>think                          <- the first label
    {trace}
    <|im_start|>answer
    {answer}<|im_end|>                         <- the line's end is the last label

Labels are a span of tokens, never found by searching for ids: the target holds further <|im_start|>, and a
search for the last one, or for a padding token that is also the stop token, masks what the model must learn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from trainer.failure import StageError
from trainer.thinking import S1, Thinking, line_break_behind
from trainer.tokenizer import END, START, control_tokens, plain_tokenizer


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a dataset; every text is non-empty."""

    id: str
    question: str
    trace: str
    answer: str
    steps: tuple[str, ...] = ()
    """The trace in steps that are counted down from `told_steps`; none: it stands whole."""
    told_steps: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """`ids[:num_prompt]` is the prompt, the rest are labels."""

    ids: list[int]
    num_prompt: int


class Mark(str):
    """What sets a sample's parts off; every other piece is text that is nothing but text."""

    __slots__ = ()


Piece = str
_START, _END = Mark(START), Mark(END)


def pieces(record: Record, system_prompt: str | None, thinking: Thinking) -> tuple[list[Piece], list[Piece]]:
    """The prompt, up to where the assistant's turn begins, and what the model is to write there."""
    system = [] if system_prompt is None else [_START, f"system\n{system_prompt}", _END, "\n"]
    prompt = [*system, _START, f"user\n{record.question}", _END, "\n", _START, "assistant\n"]
    given = record.answer if "Answer:" in record.answer else f"Answer: {record.answer}"
    head = thinking.before_answer
    answer = [Mark(head), f"{line_break_behind(head)}{given.strip()}", _END, "\n"]
    return prompt, [*_thought(record, thinking), *answer]


def _thought(record: Record, thinking: Thinking) -> list[Piece]:
    if not record.steps:
        return [Mark(thinking.start), f"{line_break_behind(thinking.start)}{record.trace.strip()}\n"]
    counted: list[Piece] = []
    for place, step in enumerate(record.steps):
        counted += [_START, f"{record.told_steps - place} steps left\n{step}\n"]
    return counted


def render(record: Record, system_prompt: str | None, thinking: Thinking = S1) -> tuple[str, str]:
    """Prompt and target as text."""
    prompt, target = pieces(record, system_prompt, thinking)
    return "".join(prompt), "".join(target)


@dataclass(frozen=True, slots=True)
class Tokenized:
    samples: list[Sample]
    held: dict[int, list[str]]
    """Records whose text holds control tokens, by index, with which; in their samples they are text."""


def tokenize(
    records: Sequence[Record], system_prompt: str | None, tokenizer: Tokenizer, thinking: Thinking = S1
) -> Tokenized:
    """Tokens of each record's full text; a sample has exactly the control tokens that the template put in.

    Raises StageError `data` when a record's prompt alone is not cut into the tokens that the full text begins
    with: then no boundary between prompt and labels exists.
    """
    controls = control_tokens(tokenizer)
    parts = [pieces(record, system_prompt, thinking) for record in records]
    marks = {piece for part in parts for half in part for piece in half if isinstance(piece, Mark)}
    held_by = {mark: _controls_of(mark, tokenizer, controls) for mark in marks}
    prompts = tokenizer.encode_batch(["".join(prompt) for prompt, _ in parts], add_special_tokens=False)
    texts = ["".join([*prompt, *target]) for prompt, target in parts]
    fulls = tokenizer.encode_batch(texts, add_special_tokens=False)
    held: dict[int, list[str]] = {}
    samples = []
    plain: Tokenizer | None = None
    for index, (record, prompt, full) in enumerate(zip(records, prompts, fulls, strict=True)):
        sample = Sample(ids=full.ids, num_prompt=len(prompt.ids))
        wanted = sum(held_by[piece] for half in parts[index] for piece in half if isinstance(piece, Mark))
        if count_controls(sample, controls) != wanted:
            plain = plain or plain_tokenizer(tokenizer)
            held[index] = _held(record, system_prompt, controls)
            sample = _as_text(parts[index], tokenizer, plain)
            if count_controls(sample, controls) != wanted:
                message = (
                    f"Record {record.id}: this tokenizer cannot read {' and '.join(held[index])} as plain "
                    "text. Remove it from the record."
                )
                raise StageError("data", message)
        elif full.ids[: sample.num_prompt] != prompt.ids or len(full.ids) == sample.num_prompt:
            message = (
                f"Record {record.id}: the tokenizer joins the prompt's end with what follows, so no token "
                "begins with the assistant's turn and the labels have no start. Use a tokenizer with "
                "Qwen2.5's special tokens (<|im_start|>, <|im_end|>)."
            )
            raise StageError("data", message)
        samples.append(sample)
    return Tokenized(samples, held)


def count_controls(sample: Sample, controls: Mapping[int, str]) -> int:
    """How many of a sample's tokens stand for structure."""
    return sum(number in controls for number in sample.ids)


def _controls_of(mark: Mark, tokenizer: Tokenizer, controls: Mapping[int, str]) -> int:
    return sum(number in controls for number in tokenizer.encode(mark, add_special_tokens=False).ids)


def _held(record: Record, system_prompt: str | None, controls: Mapping[int, str]) -> list[str]:
    texts = (record.question, record.trace, record.answer, system_prompt or "")
    found = [content for content in controls.values() if any(content in text for text in texts)]
    return found or ["text that becomes a control token"]


def _as_text(parts: tuple[list[Piece], list[Piece]], tokenizer: Tokenizer, plain: Tokenizer) -> Sample:
    """Piece by piece; between control tokens, tokenizers cut and normalise text for itself anyway."""
    prompt, target = ([token for piece in part for token in _ids(piece, tokenizer, plain)] for part in parts)
    return Sample(ids=prompt + target, num_prompt=len(prompt))


def _ids(piece: Piece, tokenizer: Tokenizer, plain: Tokenizer) -> list[int]:
    reads = tokenizer if isinstance(piece, Mark) else plain
    ids: list[int] = reads.encode(piece, add_special_tokens=False).ids
    return ids
