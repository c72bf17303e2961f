"""Records of finished questions on disk, so that an evaluation goes on where it was killed.

A line a record, with its sha256, on disk before the next is made. The first line names what the records rest
on; a journal of anything else is begun again. What a kill or a disk left half-written is not believed: that
question is asked again.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Record = dict[str, Any]


class Journal:
    """`records` are those that were found when it was opened, and all that were appended since. A context."""

    def __init__(self, path: Path, rests_on: Mapping[str, Any]) -> None:
        """`rests_on`: JSON; equal only where the records would be the same."""
        self.records: list[Record] = []
        head = {"restsOn": dict(rests_on)}
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = list(_whole(path))
        if kept and kept[0] == head:
            self.records = kept[1:]
        # Whatever stood between whole lines is gone: beside the old file, then in its place.
        partial = path.with_name(path.name + ".partial")
        with partial.open("wb") as file:
            file.writelines(map(_line, [head, *self.records]))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        self._file = path.open("ab")

    def append(self, records: Sequence[Record]) -> None:
        self._file.write(b"".join(map(_line, records)))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.records += records

    def of(self, benchmark: str) -> list[Record]:
        return [record for record in self.records if record["benchmark"] == benchmark]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _line(record: Record) -> bytes:
    content = json.dumps(record, ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return f'{{"sha256": "{digest}", "record": {content}}}\n'.encode()


def _whole(path: Path) -> Iterator[Record]:
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return
    for line in lines:
        try:
            record = json.loads(line)["record"]
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(record, dict) and _line(record) == line:
            yield record
