"""Rows as the records that a model is trained on; what cannot be one is counted and kept with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from trainer.failure import StageError
from trainer.rows.conversation import Part, is_turns, of_text, of_turns
from trainer.rows.read import BrokenRow, Row
from trainer.rows.text import field_text, joined, malformed, no_object
from trainer.sft.template import Record
from trainer.spec import Fields

# Enough to see what is wrong with the rows, in a message that has 4,096 bytes.
SHOWN_ERRORS = 5
KEPT_ERRORS = 100


@dataclass(slots=True)
class Reading:
    """What was found in a dataset's files."""

    records: list[Record] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    """Of each record, as its owner would look for it: `file:line`."""
    num_rows: int = 0
    broken: list[BrokenRow] = field(default_factory=list)
    """The first KEPT_ERRORS."""
    num_broken: int = 0

    @property
    def names(self) -> list[str]:
        """Of each record: where it stands, and its id where it has one."""
        pairs = zip(self.places, self.records, strict=True)
        return [place if record.id == place else f"{place} ({record.id})" for place, record in pairs]

    def add_broken(self, row: BrokenRow) -> None:
        self.num_broken += 1
        if len(self.broken) < KEPT_ERRORS:
            self.broken.append(row)


def read_records(rows: Iterable[Row | BrokenRow], fields: Fields) -> Reading:
    """All rows, usable or not. A record without an id is known by its place."""
    reading = Reading()
    for row in rows:
        reading.num_rows += 1
        if isinstance(row, BrokenRow):
            reading.add_broken(row)
            continue
        try:
            reading.records.append(_record(row, fields))
            reading.places.append(row.place)
        except ValueError as error:
            reading.add_broken(BrokenRow(row.file, row.number, str(error)))
    return reading


def require_usable(reading: Reading, where: str) -> None:
    """Raises StageError `data` where a row cannot be used, or there is none."""
    if reading.num_broken:
        shown = "; ".join(map(str, reading.broken[:SHOWN_ERRORS]))
        more = reading.num_broken - min(reading.num_broken, SHOWN_ERRORS)
        message = (
            f"{where}: {reading.num_broken} of {reading.num_rows} rows cannot be used: {shown}"
            f"{f'; and {more} more' if more else ''}. Correct or remove these rows, or name other fields in "
            "dataset.fields."
        )
        raise StageError("data", message)
    if not reading.records:
        raise StageError("data", f"{where} holds no records; training needs at least one.")


def _record(row: Row, fields: Fields) -> Record:
    value = row.value
    if not isinstance(value, dict):
        raise ValueError(no_object(value, "record"))
    return Record(
        id=_id(value.get("id"), row.place),
        question=field_text(_told_apart(value, fields.question, "question", fields), fields.question),
        trace=field_text(_told_apart(value, fields.trace, "trace", fields), fields.trace),
        answer=field_text(_told_apart(value, fields.answer, "answer", fields), fields.answer),
    )


def _told_apart(row: dict[str, Any], name: str, part: Part, fields: Fields) -> dict[str, Any]:
    """The row with this part of a sample as the text of its field, where that holds other parts, too."""
    value = row.get(name)
    try:
        if is_turns(value):
            return {**row, name: of_turns(row[name], part)}
        if part != "question" and fields.trace == fields.answer and isinstance(value, str):
            return {**row, name: of_text(value, part)}
    except ValueError as error:
        raise ValueError(f'field "{name}" {error}') from error
    return {**row, name: joined(value)} if part == "trace" and name in row else row


def _id(value: Any, place: str) -> str:
    if value is None:
        return place
    text = str(value)
    if (trouble := malformed(text)) is not None:
        raise ValueError(f'field "id" {trouble}')
    return text
