"""The questions of a benchmark, and those of them that the model has been trained on."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.evaluate.grader import as_integer, extract
from trainer.evaluate.settings import Benchmark
from trainer.events import Events
from trainer.failure import StageError
from trainer.generate import running_digit
from trainer.spec import InputFile


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    reference: str


def load_questions(benchmark: Benchmark, files: list[InputFile], work: Path) -> list[Question]:
    """All questions in the source's order; `files` are those of a source of kind `file`.

    Raises StageError: `data` for a row that cannot be used or no row at all, `missing-input` for no file.
    """
    source = benchmark.source
    if source["kind"] == "generated":
        made = running_digit.records(source)
        rows: Iterator[tuple[str, dict[str, Any]]] = ((f"{benchmark.name} {row['id']}", row) for row in made)
    elif source["kind"] == "file":
        [file] = files
        rows = _json_lines(file, work)
    else:
        message = (
            f"Benchmark {benchmark.name} is of kind {source['kind']}, which cannot be fetched here: "
            "download it and give its JSON Lines as a source of kind `file`."
        )
        raise StageError("configuration", message)
    questions = [_question(row, where, benchmark) for where, row in rows]
    if not questions:
        raise StageError("data", f"Benchmark {benchmark.name} holds no question; give it at least one.")
    return questions


def without_seen(
    benchmark: Benchmark, questions: list[Question], work: Path, events: Events
) -> list[Question]:
    """Leaves out generated questions that the run was trained on; of a published benchmark only counts them.

    A published benchmark stays whole, because its scores are compared with those that others have published.
    Raises StageError `data` when nothing is left.
    """
    records = work / "data" / "records.jsonl"
    if not records.is_file():
        events.note(f"{records} is not there: {benchmark.name} is not compared with it.", level="warning")
        return questions
    with records.open(encoding="utf-8") as file:
        trained_on = {json.loads(line)["question"] for line in file}
    unseen = [question for question in questions if question.text not in trained_on]
    if len(unseen) == len(questions):
        return questions
    num_seen = len(questions) - len(unseen)
    found = f"{num_seen} of {len(questions)} questions of {benchmark.name} are in the training set"
    if benchmark.source["kind"] != "generated":
        events.note(f"{found}; they are kept, because the benchmark is a published one.", level="warning")
        return questions
    if not unseen:
        raise StageError("data", f"{found}, so none is left. Generate the benchmark from another seed.")
    events.note(f"{found} and are left out.")
    return unseen


def digest(questions: list[Question]) -> str:
    """Equal only for the same questions and references in the same order."""
    content = json.dumps([[question.text, question.reference] for question in questions])
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def _question(row: dict[str, Any], where: str, benchmark: Benchmark) -> Question:
    fields = benchmark.fields
    question = Question(_text(row, fields.question, where), _text(row, fields.answer, where))
    if benchmark.grader == "integer" and as_integer(extract(question.reference)) is None:
        message = (
            f"{where}: the answer {question.reference!r:.60} is no whole number; "
            "use the grader `exact`, or correct the row."
        )
        raise StageError("data", message)
    return question


def _text(row: dict[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    # Published benchmarks keep whole numbers as numbers (AIME 2025) or as text (AIME 2024).
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        message = (
            f"{where}: field {field!r} is {value!r:.60}; expected text. Correct it or name other `fields`."
        )
        raise StageError("data", message)
    return value


def _json_lines(file: InputFile, work: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    path = file.name
    try:
        content = (work / file.path).read_bytes()
    except OSError as error:
        message = f"Cannot read the benchmark {path}: {error.strerror}. Put it there or correct its `path`."
        raise StageError("missing-input", message) from error
    found = "sha256:" + hashlib.sha256(content).hexdigest()
    if file.sha256 is not None and found != file.sha256:
        message = f"The benchmark {path} is not what the run began with: {found}, not {file.sha256}."
        raise StageError("data", message)
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            message = f"{path}, line {number}: not JSON ({error}). Correct the line."
            raise StageError("data", message) from error
        if not isinstance(row, dict):
            message = f"{path}, line {number}: not an object. Each line must hold a question and an answer."
            raise StageError("data", message)
        yield f"{path}, line {number}", row
