"""Whether a tokenizer writes the delimiters of thinking so that they are found again; no device is held."""

from collections.abc import Mapping, Sequence, Set

from tokenizers import Tokenizer

from trainer.failure import StageError
from trainer.rows.records import Reading
from trainer.sft.template import Record
from trainer.thinking import S1, Thinking, line_break_behind
from trainer.tokenizer import END, control_tokens

# What follows a delimiter begins with no blank.
_TEXT = "x"
SHOWN_ROWS = 5


def check_delimiters(
    thinking: Thinking, tokenizer: Tokenizer, *, field: str, ends: Set[int] = frozenset()
) -> None:
    """`field`: where the recipe has them. `ends`: ids that end the model's texts.

    Raises StageError `configuration`.
    """
    if thinking == S1:
        return
    never = {*ends, *_ids(END, tokenizer)}
    before_answer = thinking.before_answer
    named = {"start": thinking.start, "end": thinking.end, "answerStart": before_answer}
    for name, text in {**named, "finalAnswer": thinking.final_answer}.items():
        ids = _ids(text, tokenizer)
        said = tokenizer.decode(ids, skip_special_tokens=False)
        if said != text:
            message = (
                f"{field}.{name} is {text!r}, which this model's tokenizer reads as {said!r}: it would not "
                "be found again. Write it as the tokenizer does, or take another text."
            )
            raise StageError("configuration", message)
        if ending := sorted(never.intersection(ids)):
            message = (
                f"{field}.{name} is {text!r}, and {tokenizer.id_to_token(ending[0])} ends the model's texts: "
                "no answer could follow. Take a delimiter without it."
            )
            raise StageError("configuration", message)
    for name, text, behind in (
        ("start", thinking.start, line_break_behind(thinking.start)),
        ("answerStart", before_answer, line_break_behind(before_answer)),
    ):
        ids = _ids(text, tokenizer)
        if _ids(text + behind + _TEXT, tokenizer)[: len(ids)] != ids:
            written = repr(text + (behind or "\n"))
            message = (
                f"{field}.{name} is {text!r}, whose last token this model's tokenizer joins with what "
                "follows it in training, so a model would be asked with other tokens than it was trained on. "
                f"Write the line break as a part of it: {written}."
            )
            raise StageError("configuration", message)


def delimiter_in(record: Record, thinking: Thinking, controls: Mapping[int, str]) -> str | None:
    """A delimiter that the trace holds as text, so that thinking would seem to begin or end in its midst.

    One with a control token is none of them: text never becomes such a token (`controlTokens`).
    """
    for delimiter in (thinking.start.strip(), thinking.end):
        if delimiter in record.trace and not any(each in delimiter for each in controls.values()):
            return delimiter
    return None


def require_undelimited(reading: Reading, thinking: Thinking, tokenizer: Tokenizer) -> None:
    """Raises StageError `data` where traces hold what delimits them."""
    controls = control_tokens(tokenizer)
    pairs = zip(
        reading.names, (delimiter_in(each, thinking, controls) for each in reading.records), strict=True
    )
    held = [(name, delimiter) for name, delimiter in pairs if delimiter is not None]
    if held:
        raise StageError("data", _refusal(held, len(reading.records)))


def _refusal(held: Sequence[tuple[str, str]], num_records: int) -> str:
    shown = [f"{name}: {delimiter}" for name, delimiter in held[:SHOWN_ROWS]]
    more = f"; and {len(held) - SHOWN_ROWS} more" if len(held) > SHOWN_ROWS else ""
    return (
        f"{len(held)} of {num_records} traces hold a delimiter of dataset.thinking, so thinking would seem "
        f"to begin or end in their midst: {'; '.join(shown)}{more}. Remove it from the traces, or choose "
        "other delimiters."
    )


def _ids(text: str, tokenizer: Tokenizer) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids
