"""A dataset's rows, fields and lengths, counted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from tokenizers import Tokenizer

from trainer.delimiters import delimiter_in
from trainer.inspect.guess import Guess, guess_fields, left_out
from trainer.inspect.request import DatasetRequest, Request
from trainer.rows.read import BrokenRow, Row
from trainer.rows.records import KEPT_ERRORS, Reading, read_records
from trainer.rows.source import FoundSource
from trainer.rows.text import no_object
from trainer.sft.conditions import conditioned
from trainer.sft.template import Sample, tokenize
from trainer.spec import Fields
from trainer.tokenizer import control_tokens

GUESSED_FROM = 100
BATCH = 500


@dataclass(slots=True)
class Measured:
    """Of each usable row in order, in tokens."""

    lengths: list[int] = field(default_factory=list)
    trace_lengths: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    over_length: int = 0
    unlabelled: int = 0
    held: list[BrokenRow] = field(default_factory=list)
    num_held: int = 0


def read_dataset(request: DatasetRequest, source: FoundSource) -> tuple[Reading, list[str], Guess, bool]:
    """Rows as records, the names of the rows' fields, and under which of them the records stand.

    Without any guess for a field, no row becomes a record, and none counts as broken but what cannot be read
    or has no fields.
    """
    rows = source.rows()
    first = list(islice(rows, GUESSED_FROM))
    columns: dict[str, None] = {}
    given = request.fields
    values = [row.value for row in first if isinstance(row, Row)]
    guess = guess_fields(values)
    hints = [] if given is None else left_out(values, given.question)
    named = guess if given is None else Guess(given.question, given.trace, given.answer, hints)
    noted = _noting(chain(first, rows), columns)
    if named.question is None or named.trace is None or named.answer is None:
        reading = Reading()
        for row in noted:
            reading.num_rows += 1
            if isinstance(row, BrokenRow):
                reading.add_broken(row)
            elif not isinstance(row.value, dict):
                reading.add_broken(BrokenRow(row.file, row.number, no_object(row.value, "record")))
    else:
        reading = read_records(noted, Fields(named.question, named.trace, named.answer))
        if given is not None and not reading.records:
            named = Guess(given.question, given.trace, given.answer, guess.hints)
    return reading, list(columns), named, given is None


def count_duplicates(reading: Reading) -> int:
    texts = {(record.question, record.trace, record.answer) for record in reading.records}
    return len(reading.records) - len(texts)


def measure(
    reading: Reading, request: Request, tokenizer: Tokenizer, progress: Callable[[int, int], None]
) -> Measured:
    """Raises StageError as trainer.sft.template.tokenize."""
    measured, records, controls = Measured(), reading.records, control_tokens(tokenizer)
    thinking = request.dataset.thinking
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        told = conditioned(batch, request.dataset.condition, tokenizer)
        tokenized = tokenize(told, request.dataset.system_prompt, tokenizer, thinking)
        for index, record in enumerate(batch):
            if (delimiter := delimiter_in(record, thinking, controls)) is not None:
                what = f"has {delimiter}, a delimiter of dataset.thinking, in its trace"
                reading.add_broken(row_at(reading.places[start + index], what))
        traces = tokenizer.encode_batch([record.trace.strip() for record in batch], add_special_tokens=False)
        measured.trace_lengths += [len(trace.ids) for trace in traces]
        for sample in tokenized.samples:
            _add(measured, sample, request)
        for index, tokens in tokenized.held.items():
            measured.num_held += 1
            if len(measured.held) < KEPT_ERRORS:
                what = f"holds {', '.join(tokens)}"
                measured.held.append(row_at(reading.places[start + index], what))
        progress(start + len(batch), len(records))
    return measured


def row_at(place: str, what: str) -> BrokenRow:
    file, _, line = place.rpartition(":")
    return BrokenRow(file, int(line), what)


def _add(measured: Measured, sample: Sample, request: Request) -> None:
    length, limit = len(sample.ids), request.sequence_length
    measured.lengths.append(length)
    kept = length
    if limit is not None and length > limit:
        measured.over_length += 1
        measured.unlabelled += sample.num_prompt >= limit
        kept = limit if request.over_length == "truncate" else length
    measured.labels.append(max(0, kept - sample.num_prompt))


def _noting(rows: Iterator[Row | BrokenRow], columns: dict[str, None]) -> Iterator[Row | BrokenRow]:
    for row in rows:
        if isinstance(row, Row) and isinstance(row.value, dict):
            columns.update(dict.fromkeys(row.value))
        yield row
