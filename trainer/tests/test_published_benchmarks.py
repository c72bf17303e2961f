"""Published benchmarks load as they are; skipped where their files are not at hand."""

from pathlib import Path

import pytest

from trainer.evaluate.benchmark import load_questions
from trainer.evaluate.grader import extract, grade
from trainer.evaluate.settings import Benchmark, Fields
from trainer.inputs import InputFile
from trainer.rows.source import Surroundings

DATA = Path(__file__).parents[2].parent / "shared" / "data"
AROUND = Surroundings(DATA, note=print, progress=print, online=False)


@pytest.mark.parametrize(("file", "question"), [("aime24.jsonl", "problem"), ("aime25.jsonl", "prompt")])
def test_every_aime_answer_is_a_whole_number_that_grades_itself_right(file: str, question: str) -> None:
    if not (DATA / file).is_file():
        pytest.skip(f"{DATA / file} is not there")
    benchmark = Benchmark("aime", {"kind": "file", "path": file}, Fields(question, "answer"), "integer")
    questions = load_questions(benchmark, [InputFile(file, file, None)], AROUND)
    assert len(questions) == 30
    for asked in questions:
        answer = rf"so the answer is $\boxed{{{asked.reference}}}$."
        assert grade("integer", text=answer, reference=asked.reference) == "right"


def test_the_boxed_answer_of_a_math500_solution_is_its_answer() -> None:
    path = DATA / "math500.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    fields = [Fields("problem", name) for name in ("solution", "answer")]
    source = {"kind": "file", "path": path.name}
    files = [InputFile(path.name, path.name, None)]
    solutions, answers = (
        load_questions(Benchmark("math", source, each, "exact"), files, AROUND) for each in fields
    )
    assert len(answers) == 500
    pairs = zip(solutions, answers, strict=True)
    differing = [
        answer.reference for solution, answer in pairs if extract(solution.reference) != answer.reference
    ]
    assert differing == []
