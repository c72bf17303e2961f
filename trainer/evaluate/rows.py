"""An answer as a row for people and programs to read, and the rows of a control as its result."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, get_args

from trainer.evaluate.benchmark import Question
from trainer.evaluate.budget_forcing import Outcome
from trainer.evaluate.forcing import Label
from trainer.evaluate.grader import grade
from trainer.evaluate.judging import Row, counts_of
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.settings import Benchmark, Control
from trainer.evaluate.votes import Given, alike_by, classes_of, covered, majority, sizes


def row_of(
    benchmark: Benchmark, control: Control, question: Question, outcome: Outcome, math: MathGrader
) -> Row:
    """What was asked, thought and answered, and how it is graded. Raises StageError as MathGrader does."""
    found = grade(
        benchmark.grader, text=outcome.answer, reference=question.reference, cut=outcome.cut, math=math
    )
    more = {
        "tries": outcome.tries,
        "drawnTokens": outcome.num_drawn_tokens,
        "steps": outcome.steps,
        "countedOut": int(outcome.counted_out),
    }
    return {
        "benchmark": benchmark.name,
        **_named(control),
        **{key: more[key] for key in _more(control)},
        "question": question.text,
        "reference": question.reference,
        "prompt": outcome.prompt,
        "thinking": outcome.thinking,
        "answer": outcome.answer,
        "tokens": list(outcome.tokens),
        "promptTokens": outcome.num_prompt_tokens,
        "thinkingTokens": outcome.num_thinking_tokens,
        "answerTokens": outcome.num_answer_tokens,
        "forced": outcome.forced,
        "cut": outcome.cut,
        "label": outcome.label,
        "loop": None if outcome.loop is None else asdict(outcome.loop),
        "grade": found,
        "gradedBy": "grader",
        "correct": int(found == "right"),
    }


def result_of(
    benchmark: Benchmark,
    control: Control,
    by_question: Sequence[Sequence[Row]],
    math: MathGrader,
    *,
    with_judge: bool = False,
) -> dict[str, Any]:
    """Counts of a control, and of its votes where a question has several answers."""
    rows = [row for of in by_question for row in of]
    result: dict[str, Any] = {
        **_named(control),
        "samples": len(by_question[0]),
        "correct": [sum(row["correct"] for row in of) for of in by_question],
        "thinkingTokens": [sum(row["thinkingTokens"] for row in of) for of in by_question],
        "forced": sum(row["forced"] for row in rows),
        "unreadable": sum(row["grade"] == "unreadable" for row in rows),
        "cut": sum(row["cut"] for row in rows),
        "looped": sum(row["loop"] is not None for row in rows),
        **{label: sum(row["label"] == label for row in rows) for label in get_args(Label)},
    }
    if with_judge:
        result["judge"] = counts_of(rows)
    for key in _more(control):
        result[key] = [sum(row[key] for row in of) for of in by_question]
    if result["samples"] == 1:
        return result
    return {**result, "votes": _votes(benchmark, by_question, result["samples"], math)}


def _named(control: Control) -> dict[str, int | str]:
    """What tells it from others; what is as usual is left out."""
    return {
        "control": control.kind,
        "budget": control.max_thinking_tokens,
        "times": control.times,
        **({} if control.asked is None else {"asked": control.asked}),
        **({"text": control.text} if control.kind == "wait" and control.text != "Wait" else {}),
        **({"accounting": control.accounting} if control.accounting != "shared" else {}),
    }


def _more(control: Control) -> tuple[str, ...]:
    """Fields beside those of all: tries that were rejected, what was cut off, and steps."""
    if control.kind == "rejection":
        return ("tries", "drawnTokens")
    if control.kind == "step":
        return ("steps", "countedOut")
    return ("drawnTokens",) if control.accounting == "restart" else ()


def _votes(
    benchmark: Benchmark, by_question: Sequence[Sequence[Row]], samples: int, math: MathGrader
) -> list[dict[str, Any]]:
    given = [
        [Given(row["answer"], row["cut"], row["grade"], row.get("gradedBy") == "judge") for row in of]
        for of in by_question
    ]
    alike = alike_by(math)

    def is_majority(of: Sequence[Given], mine: Sequence[Row]) -> bool:
        # Of the first answers by themselves: a later one may join what they said, and was not there.
        return majority(of, classes_of(benchmark.grader, of, mine[0]["reference"], alike))

    return [
        {
            "answers": size,
            "majority": [
                int(is_majority(of[:size], mine)) for of, mine in zip(given, by_question, strict=True)
            ],
            "covered": [int(covered(of[:size])) for of in given],
        }
        for size in sizes(samples)
    ]
