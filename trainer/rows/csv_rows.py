"""The rows of a CSV file (RFC 4180): its first line names the fields, and each value is a text."""

import csv
from collections.abc import Iterator
from pathlib import Path

# A field may be a whole trace; the library's own limit is 128 KiB.
LONGEST_FIELD = 2**30
WORDS = (
    ("unexpected end of data", "has a text in double quotes without its closing quote"),
    ("expected after", "has something other than a comma behind a closing quote"),
    ("field larger", "has a text of more than 1 GiB"),
)


class CsvError(Exception):
    """The file is no CSV, or cannot be read further; in words, with the line where the row begins."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


def csv_rows(path: Path) -> Iterator[tuple[int, dict[str, str] | str]]:
    """The line on which each row begins, and the row, or what is wrong with it. Raises CsvError."""
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        begins = 1
        try:
            names = next(reader, [])
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise CsvError(f"names the field {twice!r:.60} twice in its first line", 1)
            begins = reader.line_num + 1
            for values in reader:
                if len(values) == len(names):
                    yield begins, dict(zip(names, values, strict=True))
                elif values:
                    yield begins, f"has {len(values)} values for the {len(names)} fields of the first line"
                begins = reader.line_num + 1
        except csv.Error as error:
            raise CsvError(f"{_words(error)} in the row that begins on line {begins}", begins) from error
        except UnicodeDecodeError as error:
            raise CsvError(f"is not UTF-8 near line {begins}", begins) from error


def _words(error: csv.Error) -> str:
    """The library's own are for programmers. Of what is none of these, that the row cannot be read."""
    said = str(error)
    return next((words for part, words in WORDS if part in said), "holds what is no CSV")
