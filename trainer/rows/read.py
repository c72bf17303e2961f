"""The rows of one file: JSON Lines, a JSON array, either of them in gzip, CSV, or Parquet, told by its name.

A row that cannot be read does not end the reading: it is counted, with its place, and the next one follows.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.failure import StageError
from trainer.rows import compressed as gzipped
from trainer.rows.csv_rows import CsvError, csv_rows
from trainer.rows.json_words import in_words
from trainer.rows.parquet_rows import ParquetError, parquet_rows

FORMATS = (".jsonl", ".json", ".jsonl.gz", ".json.gz", ".csv", ".parquet")
KINDS = {".csv": "CSV", ".parquet": "Parquet"}
LFS_POINTER = b"version https://git-lfs.github.com/spec"


@dataclass(frozen=True, slots=True)
class Row:
    file: str
    """As its owner knows it."""
    number: int
    """From 1: the line on which it begins; of Parquet the row."""
    value: Any

    @property
    def place(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    file: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.what}"


def format_of(name: str) -> str | None:
    """Which of FORMATS a file's name says; None: none of them."""
    lower = name.lower()
    return next((each for each in reversed(FORMATS) if lower.endswith(each)), None)


def read_rows(name: str, path: Path) -> Iterator[Row | BrokenRow]:
    """All rows of a file in order. Errors speak of it as `name`.

    Raises StageError: `configuration` for a format that is not known, `missing-input` for a file that is not
    there, `data` for one that is no file of its kind.
    """
    kind = format_of(name)
    if kind is None:
        message = (
            f"{name} is of no kind that can be read here. Name a file that ends in {', '.join(FORMATS)}."
        )
        raise StageError("configuration", message, where=name)
    try:
        _refuse_pointer(name, path)
        if kind == ".parquet":
            yield from _numbered(name, parquet_rows(path))
        elif kind == ".csv":
            yield from _numbered(name, csv_rows(path))
        elif kind.startswith(".jsonl"):
            yield from _lines(name, path, compressed=kind.endswith(".gz"))
        else:
            yield from _json(name, path, compressed=kind.endswith(".gz"))
    except FileNotFoundError as error:
        message = f"{name} is not there (looked for {path}). Put it there, or correct its path in the recipe."
        raise StageError("missing-input", message, where=name) from error
    except (CsvError, ParquetError) as error:
        message = f"{name} cannot be read as {KINDS[kind]}: it {error}. Fetch or write it again."
        line = f":{error.line}" if isinstance(error, CsvError) else ""
        raise StageError("data", message, where=f"{name}{line}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{name} {gzipped.trouble(path, error)}. Fetch or compress it again."
        raise StageError("data", message, where=name) from error
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror or error}. Check its rights and its disk."
        raise StageError("missing-input", message, where=name) from error


def parse_json(text: str) -> Any:
    """Raises ValueError with what is wrong, in words, for what is no JSON or could be read in two ways."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError as error:
        raise ValueError("is nested too deeply to be read") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON ({in_words(error)}, at character {error.pos + 1})") from error
    except ValueError as error:
        raise ValueError(in_words(error)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"has the field {twice!r:.60} twice")
    return found


def _lines(name: str, path: Path, *, compressed: bool) -> Iterator[Row | BrokenRow]:
    with gzip.open(path) if compressed else path.open("rb") as file:
        for number, content in enumerate(file, start=1):
            # Editors on Windows put a mark of the encoding before the first line.
            content = content.removeprefix(b"\xef\xbb\xbf") if number == 1 else content
            if not content.strip():
                continue
            try:
                # The end of the line is none of it: in a text that is not closed it would be what is wrong.
                yield Row(name, number, parse_json(content.rstrip(b"\r\n").decode()))
            except UnicodeDecodeError as error:
                yield BrokenRow(name, number, f"is not UTF-8 (byte {error.start + 1} of the line)")
            except ValueError as error:
                yield BrokenRow(name, number, str(error))


def _json(name: str, path: Path, *, compressed: bool) -> Iterator[Row | BrokenRow]:
    """An array of rows, objects over several lines each, or, as many files of this name hold, JSON Lines."""
    with gzip.open(path) if compressed else path.open("rb") as file:
        content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{name}, line {line}: not UTF-8 (byte {error.start + 1}). Save it as UTF-8."
        raise StageError("data", message, where=f"{name}:{line}") from error
    if text.lstrip().startswith("["):
        yield from _elements(name, text, text.index("[") + 1, closed_by="]")
    elif _begins_with_lines(text):
        yield from _elements(name, text, 0, closed_by="")
    else:
        yield from _lines(name, path, compressed=compressed)


def _begins_with_lines(text: str) -> bool:
    """Whether the first value ends on another line than it begins on."""
    try:
        _, end = json.JSONDecoder().raw_decode(text, _skip(text, 0))
    except (ValueError, RecursionError):
        return False
    return "\n" in text[:end].strip()


def _elements(name: str, text: str, begin: int, closed_by: str) -> Iterator[Row | BrokenRow]:
    """Element by element, so that each is known by the line on which it begins.

    Of an array, which has commas between them and is closed, or of values that stand one after another.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_object)
    at, line = _skip(text, begin), 1
    counted = 0
    while at < len(text) and (not closed_by or text[at] != closed_by):
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            # Where this element ends is not known, so none behind it can be read.
            within = "in this array " if closed_by else ""
            yield BrokenRow(name, line, f"{_words(error)}; nothing behind it {within}can be read")
            return
        yield Row(name, line, value)
        at = _skip(text, end)
        if not closed_by:
            continue
        if at < len(text) and text[at] == ",":
            at = _skip(text, at + 1)
        elif at < len(text) and text[at] != closed_by:
            line, counted = line + text.count("\n", counted, at), at
            yield BrokenRow(name, line, "lacks the comma before it; nothing behind it can be read")
            return
    if closed_by and at >= len(text):
        line += text.count("\n", counted)
        yield BrokenRow(name, line, "the array is not closed: the file has been cut off")


def _words(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deeply to be read"
    return f"is not JSON ({in_words(error)})" if isinstance(error, json.JSONDecodeError) else in_words(error)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _numbered(name: str, rows: Iterator[tuple[int, dict[str, Any] | str]]) -> Iterator[Row | BrokenRow]:
    """A row whose value is a text is one that cannot be read, and the text says why."""
    for number, value in rows:
        yield BrokenRow(name, number, value) if isinstance(value, str) else Row(name, number, value)


def _refuse_pointer(name: str, path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(LFS_POINTER)) == LFS_POINTER:
            message = f"{name} is a Git LFS pointer, not the data. Fetch the file itself (`git lfs pull`)."
            raise StageError("data", message, where=name)
