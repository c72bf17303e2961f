"""Models that are trained on conditioned data, and asked under the control that goes with it.

A question says nothing of how long to count, so what it is told is the only way to know.
"""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from trainer.evaluate.__main__ import evaluate
from trainer.sft.export import export
from trainer.tests.dist import run_ranks
from trainer.tests.evaluations import benchmark, evaluation, results, samples_of
from trainer.tests.jobs import job, prepared_job
from trainer.tests.training import train_on_rank

WORDS = ("one", "two", "three", "four", "five", "six", "seven")
# A trace of so many words is told the power of two above it in tokens, and in steps the one that holds it.
TOLD = {"token": {2: 1, 4: 3, 8: 7}, "step": {1: 1, 2: 2, 4: 4}}
ASKED = 8


def trained(folder: Path, condition: str) -> dict[str, Any]:
    """A run's changes, whose model is exported. How long to count is drawn for each question."""
    draw = random.Random(1)
    between = "," if condition == "token" else "\n\n"
    lengths = list(TOLD[condition].values())
    rows = [
        {
            "question": f"Count from one, {number}.",
            "trace": between.join(WORDS[: draw.choice(lengths)]),
            "answer": "Final Answer: seven",
        }
        for number in range(480)
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = [
        {"question": f"Count from one, {number}.", "answer": "seven"} for number in range(900, 900 + ASKED)
    ]
    (folder / "asked.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    changes = {
        "recipe.dataset.source": {"kind": "file", "path": str(folder / "rows.jsonl")},
        "recipe.dataset.condition": condition,
        "recipe.model.architecture.hiddenSize": 64,
        "recipe.model.architecture.headSize": 16,
        "recipe.training.epochs": 4,
        "recipe.training.globalBatch": 16,
        "recipe.training.optimizer.learningRate": 5e-3,
    }
    run_ranks(train_on_rank, 1, prepared_job(folder, changes))
    export(job(folder, "export", changes))
    return changes


def found(folder: Path, changes: dict[str, Any], controls: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """What came of each control, by what it told."""
    source = {"kind": "file", "path": str(folder / "asked.jsonl")}
    section = evaluation(benchmark("counts", source), controls=controls, maxAnswerTokens=8)
    of = job(folder, "evaluate", {**changes, **section})
    evaluate(of)
    [measured] = results(of)["benchmarks"]
    assert measured["n"] == ASKED
    for row in samples_of(of):
        assert f"Think for up to {row['asked']} {row['control']}s." in row["prompt"]
    return {each["asked"]: each for each in measured["results"]}


def told(kind: str, number: int, budget: int = 96) -> dict[str, Any]:
    return {"kind": kind, f"{kind}s": number, "maxThinkingTokens": budget}


def test_a_model_trained_on_told_tokens_heeds_how_many_it_is_told(tmp_path: Path) -> None:
    changes = trained(tmp_path, "token")
    by_told = found(tmp_path, changes, [told("token", number) for number in TOLD["token"]])
    for number, each in by_told.items():
        thought = Counter(each["thinkingTokens"])
        assert thought.most_common(1)[0] == (TOLD["token"][number], ASKED), (number, thought)
        assert (each["obeyed"], each["forced"], sum(each["correct"])) == (ASKED, 0, ASKED)
    # It was never shown steps, and counts none down.
    by_steps = found(tmp_path, changes, [told("step", 4)])[4]
    assert (by_steps["ignored"], set(by_steps["steps"])) == (ASKED, {0})


def test_a_model_trained_on_told_steps_counts_them_down_and_answers_by_itself(tmp_path: Path) -> None:
    changes = trained(tmp_path, "step")
    by_told = found(tmp_path, changes, [told("step", number) for number in TOLD["step"]])
    for number, each in by_told.items():
        assert each["steps"] == [number] * ASKED, number
        assert (each["obeyed"], each["forced"], sum(each["countedOut"])) == (ASKED, 0, 0)
    # Cut in the midst of its steps it has kept to them, and is made to answer.
    cut = found(tmp_path, changes, [told("step", 4, budget=20)])[4]
    assert (cut["forced"], cut["obeyed"]) == (ASKED, ASKED)
    assert all(0 < steps < 4 for steps in cut["steps"])
