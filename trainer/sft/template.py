"""A record as the text that s1 trains on, and as tokens with the place where its labels begin.

s1 (data/tokenization.py) puts question, trace and answer into Qwen2.5's chat template like this:

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

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from trainer.failure import StageError


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a dataset; every text is non-empty."""

    id: str
    question: str
    trace: str
    answer: str


@dataclass(frozen=True, slots=True)
class Sample:
    """`ids[:num_prompt]` is the prompt, the rest are labels."""

    ids: list[int]
    num_prompt: int


def render(record: Record, system_prompt: str | None) -> tuple[str, str]:
    """The prompt, up to where the assistant's turn begins, and what the model is to write there."""
    system = "" if system_prompt is None else f"<|im_start|>system\n{system_prompt}<|im_end|>\n"
    prompt = f"{system}<|im_start|>user\n{record.question}<|im_end|>\n<|im_start|>assistant\n"
    answer = record.answer if "Answer:" in record.answer else f"Answer: {record.answer}"
    target = f"<|im_start|>think\n{record.trace.strip()}\n<|im_start|>answer\n{answer.strip()}<|im_end|>\n"
    return prompt, target


def tokenize(records: Sequence[Record], system_prompt: str | None, tokenizer: Tokenizer) -> list[Sample]:
    """Tokens of each record's full text.

    Raises StageError `data` when a record's prompt alone is not cut into the tokens that the full text begins
    with: then no boundary between prompt and labels exists.
    """
    texts = [render(record, system_prompt) for record in records]
    prompts = tokenizer.encode_batch([prompt for prompt, _ in texts], add_special_tokens=False)
    fulls = tokenizer.encode_batch([prompt + target for prompt, target in texts], add_special_tokens=False)
    samples = []
    for record, prompt, full in zip(records, prompts, fulls, strict=True):
        num_prompt = len(prompt.ids)
        if full.ids[:num_prompt] != prompt.ids or len(full.ids) == num_prompt:
            message = (
                f"Record {record.id}: the tokenizer joins the prompt's end with what follows, so no token "
                "begins with the assistant's turn and the labels have no start. Use a tokenizer with "
                "Qwen2.5's special tokens (<|im_start|>, <|im_end|>)."
            )
            raise StageError("data", message)
        samples.append(Sample(ids=full.ids, num_prompt=num_prompt))
    return samples
