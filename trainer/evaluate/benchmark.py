"""The questions of a benchmark, and those of them that the model has been trained on."""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.evaluate.grader import as_integer, extract
from trainer.evaluate.settings import Benchmark
from trainer.failure import StageError
from trainer.generate import running_digit


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    reference: str


def load(benchmark: Benchmark, *, folder: Path) -> list[Question]:
    """All questions in the source's order; `folder` holds the files of a source of kind `file`.

    Raises StageError: `data` for a row that cannot be used, `missing-input` for a file that is not there.
    """
    source = benchmark.source
    if source["kind"] == "generated":
        rows = ((f"{benchmark.name} {row['id']}", row) for row in running_digit.records(source))
    elif source["kind"] == "file":
        rows = _json_lines(folder / source["path"], sha256=source.get("sha256"))
    else:
        message = (
            f"Benchmark {benchmark.name} is of kind {source['kind']}, which cannot be fetched here: "
            "download it and give its JSON Lines as a source of kind `file`."
        )
        raise StageError("configuration", message)
    return [_question(row, where, benchmark) for where, row in rows]


def split_seen(questions: list[Question], trained_on: Collection[str]) -> tuple[list[Question], list[Question]]:
    """Questions whose text the training set does not hold, and those that it does."""
    new = [question for question in questions if question.text not in trained_on]
    seen = [question for question in questions if question.text in trained_on]
    return new, seen


def digest(questions: list[Question]) -> str:
    """Equal only for the same questions and references in the same order."""
    content = json.dumps([[question.text, question.reference] for question in questions])
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def _question(row: dict[str, Any], where: str, benchmark: Benchmark) -> Question:
    values = {}
    for field in (benchmark.fields.question, benchmark.fields.answer):
        value = row.get(field)
        # Published benchmarks keep whole numbers as numbers (AIME 2025) and as text (AIME 2024).
        values[field] = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(values[field], str) or not values[field].strip():
            message = (
                f"{where}: field {field!r} is {value!r:.60}; expected text. "
                f"Name the right fields in evaluation.benchmarks ({benchmark.name}).fields."
            )
            raise StageError("data", message)
    question = Question(values[benchmark.fields.question], values[benchmark.fields.answer])
    if benchmark.grader == "integer" and as_integer(extract(question.reference)) is None:
        message = (
            f"{where}: the answer {question.reference!r:.60} is no whole number; "
            "use the grader `exact`, or correct the row."
        )
        raise StageError("data", message)
    return question


def _json_lines(path: Path, *, sha256: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"Cannot read the benchmark {path}: {error.strerror}. Put the file there or correct its `path`."
        raise StageError("missing-input", message) from error
    found = "sha256:" + hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        message = f"The benchmark {path} is {found}, the recipe says {sha256}: restore the file or correct the recipe."
        raise StageError("data", message)
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise StageError("data", f"{path}, line {number}: not JSON ({error}). Correct the line.") from error
        if not isinstance(row, dict):
            raise StageError("data", f"{path}, line {number}: expected an object with a question and an answer.")
        yield f"{path}, line {number}", row
