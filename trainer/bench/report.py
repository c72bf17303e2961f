"""What a part of the bench found, and how it is shown: the same text on a terminal and in RESULTS.md."""

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

Cell = str | int | float | None
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: dict[str, str]
    """Name of each column and how its numbers are formatted (`.1f`)."""
    rows: list[list[Cell]]
    note: str = ""

    def text(self) -> str:
        formats = list(self.columns.values())
        body = [[_shown(*pair) for pair in zip(row, formats, strict=True)] for row in self.rows]
        lines = [list(self.columns), ["-" * len(name) for name in self.columns], *body]
        widths = [max(len(line[place]) for line in lines) for place in range(len(formats))]
        lines[1] = ["-" * width for width in widths]
        aligned = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
        return "\n".join([f"**{self.title}**", "", *aligned, *(["", self.note] if self.note else [])])

    def json(self) -> dict[str, Any]:
        names = list(self.columns)
        return {
            "title": self.title,
            "rows": [dict(zip(names, row, strict=True)) for row in self.rows],
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """A figure that must not exceed its limit."""

    what: str
    found: float
    limit: float

    @property
    def holds(self) -> bool:
        # Not `found > limit`, which NaN would pass.
        return self.found <= self.limit

    def text(self) -> str:
        verdict = "ok" if self.holds else "WRONG"
        return f"- {verdict}: {self.what}: {self.found:.3g}, at most {self.limit:.3g}"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    tables: list[Table] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    failure: str | None = None
    """Why the part as a whole did not run."""
    data: Any = None
    """For parts that come after; not shown."""

    def text(self) -> str:
        blocks = [f"### {self.name}"]
        if self.failure is not None:
            blocks.append(f"Did not run: {self.failure}")
        blocks += [table.text() for table in self.tables]
        if self.checks:
            blocks.append("\n".join(check.text() for check in self.checks))
        return "\n\n".join(blocks)

    def json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "failure": self.failure,
            "tables": [table.json() for table in self.tables],
            "checks": [
                {"what": check.what, "found": check.found, "limit": check.limit, "holds": check.holds}
                for check in self.checks
            ],
        }


@dataclass(frozen=True, slots=True)
class Failure:
    reason: str


def attempt(measure: Callable[[], T]) -> T | Failure:
    """What `measure` returns, or why it cannot be measured, which is printed in whole on standard error."""
    try:
        return measure()
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        reason = f"{type(error).__name__}: {error}".strip().splitlines()[0][:200]
    # Here, after the except clause, the traceback no longer holds the tensors of what failed.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return Failure(reason)


def failed_row(first: Sequence[Cell], failure: Failure, columns: int) -> list[Cell]:
    """A row that has the reason in place of its figures."""
    rest = columns - len(first) - 1
    return [*first, f"did not run: {failure.reason}", *([None] * rest)]


def _shown(value: Cell, form: str) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else format(value, form)
