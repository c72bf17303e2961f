"""The rows of a Parquet file (https://parquet.apache.org/docs/file-format), and why one cannot be read.

What pyarrow says of a broken file is for who maintains pyarrow; what its ends look like tells most of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1_000
MARK = b"PAR1"
ENCRYPTED = b"PARE"
# The mark at either end, and four bytes before the last one that say how long the footer is.
SMALLEST = 12


class ParquetError(Exception):
    """The file is no Parquet, or cannot be read further; in words."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands where Python has no value for what the file holds, such as a nanosecond or the year 300,000.

    Such a column is seldom one that a sample is made of, so its rows are not lost for it.
    """


def parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """The number of each row, and the row, or what is wrong with it. Raises ParquetError."""
    # Loaded where it is needed: it takes a third of a second.
    import pyarrow as pa
    import pyarrow.parquet as pq

    _require_ends(path)
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            _require_names(file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=BATCH):
                for index in range(batch.num_rows):
                    number += 1
                    yield number, _row(batch.slice(index, 1))
    except pa.ArrowNotImplementedError as error:
        raise ParquetError("is written in a way that this reader does not know: write it plainly") from error
    except (pa.ArrowException, OSError) as error:
        where = f"behind row {number}" if number else "in what it says of itself, or in its first rows"
        raise ParquetError(f"is damaged {where}") from error


def _require_ends(path: Path) -> None:
    with path.open("rb") as file:
        begins = file.read(len(MARK))
        size = file.seek(0, 2)
        file.seek(max(0, size - len(MARK)))
        ends = file.read()
    if size == 0:
        raise ParquetError("is empty")
    if ENCRYPTED in (begins, ends):
        raise ParquetError("is encrypted")
    if begins != MARK:
        raise ParquetError("does not begin as Parquet does, whatever its name says")
    if ends != MARK or size < SMALLEST:
        raise ParquetError("is cut off: it does not end as Parquet does")


def _require_names(names: list[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ParquetError(f"has the field {twice!r:.60} twice")


def _row(row: "pa.RecordBatch") -> dict[str, Any] | str:
    found: dict[str, Any] = {}
    for name, column in zip(row.schema.names, row.columns, strict=True):
        try:
            found[name] = column[0].as_py()
        except UnicodeDecodeError:
            return "holds text that is not UTF-8"
        # Of times beyond Python's, and of time zones that this machine does not know.
        except (ValueError, ArithmeticError, LookupError, TypeError):
            found[name] = Unreadable()
    return found
