"""The questions of a benchmark, and those of them that the model has been trained on."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from trainer.evaluate.choice_reader import read_choice, with_choices
from trainer.evaluate.counted import counted
from trainer.evaluate.grader import as_integer, extract
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.settings import Benchmark
from trainer.events import Events
from trainer.failure import StageError
from trainer.inputs import InputFile
from trainer.rows.read import BrokenRow, Row
from trainer.rows.records import SHOWN_ERRORS
from trainer.rows.source import FoundSource, Surroundings, find_source
from trainer.rows.text import field_text, no_object


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    reference: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a benchmark's source holds."""

    questions: list[Question]
    places: list[str]
    """Of each question, as its owner would look for it: `file:line`."""
    broken: list[BrokenRow]
    source: FoundSource

    @property
    def repeated(self) -> int:
        """Questions that another one before them asks."""
        return len(self.questions) - len({question.text for question in self.questions})


def load_questions(benchmark: Benchmark, files: list[InputFile], around: Surroundings) -> list[Question]:
    """All questions in the source's order; `files` are those of a source of kind `file`.

    Raises StageError: `data` for rows that cannot be used or no row at all, else as find_source.
    """
    return require_usable(benchmark, read_benchmark(benchmark, files, around)).questions


def read_benchmark(benchmark: Benchmark, files: list[InputFile], around: Surroundings) -> Loaded:
    """The same with what cannot be used. Raises StageError as find_source."""
    source = find_source(benchmark.source, files, f"The benchmark {benchmark.name}", around)
    questions, places, broken = [], [], []
    with MathGrader() as math:
        for row in source.rows():
            if isinstance(row, BrokenRow):
                broken.append(row)
                continue
            try:
                questions.append(_question(row, benchmark, math))
                places.append(row.place)
            except ValueError as error:
                broken.append(BrokenRow(row.file, row.number, str(error)))
    return Loaded(questions, places, broken, source)


def require_usable(benchmark: Benchmark, loaded: Loaded) -> Loaded:
    """Raises StageError `data` where a row cannot be used, or there is none."""
    if loaded.broken:
        shown = "; ".join(map(str, loaded.broken[:SHOWN_ERRORS]))
        more = f"; and {len(loaded.broken) - SHOWN_ERRORS} more" if len(loaded.broken) > SHOWN_ERRORS else ""
        message = (
            f"Benchmark {benchmark.name}: {counted(len(loaded.broken), 'row')} cannot be used: {shown}{more}"
            ". Correct what is wrong, or name other `fields` or another grader."
        )
        raise StageError("data", message)
    if not loaded.questions:
        raise StageError("data", f"Benchmark {benchmark.name} holds no question; give it at least one.")
    if benchmark.questions not in (None, len(loaded.questions)):
        message = (
            f"Benchmark {benchmark.name} holds {counted(len(loaded.questions), 'question')}, and the recipe "
            f"says {benchmark.questions}: name the source that was meant, or correct `questions`."
        )
        raise StageError("data", message)
    return loaded


def without_seen(
    benchmark: Benchmark, questions: list[Question], records: Path, events: Events
) -> list[Question]:
    """Leaves out generated questions that the model was trained on; of a published benchmark only counts
    them. `records`: what it was trained on.

    A published benchmark stays whole, because its scores are compared with those that others have published.
    Raises StageError `data` when nothing is left.
    """
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


def _question(row: Row, benchmark: Benchmark, math: MathGrader) -> Question:
    if not isinstance(row.value, dict):
        raise ValueError(no_object(row.value, "question"))
    fields = benchmark.fields
    # Published benchmarks keep whole numbers as numbers (AIME 2025) or as text (AIME 2024).
    question, reference = (
        field_text(row.value, each, numbers=True) for each in (fields.question, fields.answer)
    )
    if fields.choices:
        wrong = [field_text(row.value, name, numbers=True) for name in fields.choices]
        question, reference = with_choices(question, reference, wrong)
    if benchmark.grader == "choices" and read_choice(reference) is None:
        raise ValueError(f"the answer {reference!r:.60} is no letter, which the grader `choices` needs")
    if benchmark.grader == "integer" and as_integer(reference) is None:
        raise ValueError(f"the answer {reference!r:.60} is no whole number, which the grader `integer` needs")
    if benchmark.grader == "math" and not math.is_readable(extract(reference)):
        raise ValueError(f"the answer {reference!r:.60} is no expression, which the grader `math` needs")
    return Question(question, reference)
