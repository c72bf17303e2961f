"""Text of a row as a person wrote it: there, well-formed, and never taken for something else."""

import math
import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from trainer.rows.parquet_rows import Unreadable

SURROGATE = re.compile("[\ud800-\udfff]")
SHOWN_FIELDS = 12
# A bool is an int, and a datetime a date.
KINDS: tuple[tuple[type, str], ...] = (
    (str, "text"),
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (Decimal, "a number"),
    (type(None), "null"),
    (list, "a list"),
    (dict, "an object"),
    (bytes, "bytes"),
    (date, "a date"),
    (time, "a time"),
    (timedelta, "a time"),
    (Unreadable, "a value that cannot be read"),
)


def field_text(row: Mapping[str, Any], field: str, *, numbers: bool = False) -> str:
    """A field's text, that is not empty; with `numbers` numbers count as the text that a person writes.

    Raises ValueError with the field's name, what was found and what was expected.
    """
    if field not in row:
        raise ValueError(f'field "{field}" is missing (there are: {_names(row)})')
    value = row[field]
    if numbers and (written := number_text(value)) is not None:
        return written
    if not isinstance(value, str):
        raise ValueError(f'field "{field}" is {kind_of(value)}, expected text')
    if not value.strip():
        raise ValueError(f'field "{field}" is empty')
    if (trouble := malformed(value)) is not None:
        raise ValueError(f'field "{field}" {trouble}')
    return value


def number_text(value: object) -> str | None:
    """`3.5`, and `73` also of 73.0, as a column with gaps keeps it; None of what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    return format(Decimal(int(value)) if exact == int(value) else exact.normalize(), "f")


def joined(value: Any) -> Any:
    """A list of texts as one, as s1K keeps a trace; whatever else it is as it is."""
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    return value


def malformed(text: str) -> str | None:
    r"""Why a text cannot be written as UTF-8; None when it can.

    JSON may hold half of a character (`"\ud83d"`): what cut the text cut it inside a pair of escapes.
    """
    found = SURROGATE.search(text)
    if found is None:
        return None
    half = f"\\u{ord(found[0]):04x}"
    return f"holds half a character ({half}, character {found.start() + 1} of the text)"


def _names(row: Mapping[str, Any]) -> str:
    names = sorted(map(str, row))
    more = f" and {len(names) - SHOWN_FIELDS} more" if len(names) > SHOWN_FIELDS else ""
    shown = (", ".join(names[:SHOWN_FIELDS]) + more) or "none"
    # A name may itself hold what cannot be written.
    return shown.encode("utf-8", "backslashreplace").decode()


def kind_of(value: object) -> str:
    """What a value is, in the words of files and not of Python."""
    return next((words for kind, words in KINDS if isinstance(value, kind)), "no text")


def no_object(value: object, what: str) -> str:
    """Why a row that has no fields is none."""
    return f"a {what} is an object, this is {kind_of(value)}"
