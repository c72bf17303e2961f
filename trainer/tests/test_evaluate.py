"""The evaluate stage on a small checkpoint in a run's folder."""

import json
from pathlib import Path
from typing import Any

import pytest

from trainer import manifest
from trainer.evaluate.__main__ import evaluate
from trainer.failure import StageError
from trainer.tests.evaluations import GENERATED, benchmark, evaluate_job, evaluation, results
from trainer.tests.jobs import events


def test_each_control_has_an_entry_for_each_question_and_samples_show_what_was_said(run: Path) -> None:
    of = evaluate_job(run)
    outcome = evaluate(of)
    found = results(of)
    assert found["checkpoint"] == manifest.sha256(of.work / "model" / "manifest.json")
    assert outcome.manifest == manifest.sha256(of.work / "evaluation" / "manifest.json")
    [measured] = found["benchmarks"]
    assert [(entry["control"], entry["budget"], entry["times"]) for entry in measured["results"]] == [
        ("budget", 4, 0),
        ("wait", 12, 1),
    ]
    samples = [
        json.loads(line) for line in (of.work / "evaluation" / "samples.jsonl").read_text().splitlines()
    ]
    for entry in measured["results"]:
        assert len(entry["correct"]) == len(entry["thinkingTokens"]) == measured["n"] == 20
        mine = [sample for sample in samples if sample["budget"] == entry["budget"]]
        assert [sample["correct"] for sample in mine] == entry["correct"]
        assert sum(sample["forced"] for sample in mine) == entry["forced"]
        assert sum(sample["cut"] for sample in mine) == entry["cut"]
        assert sum(sample["grade"] == "unreadable" for sample in mine) == entry["unreadable"]
        assert all(sample["correct"] == (sample["grade"] == "right") for sample in mine)
    phases = [event["phase"] for event in events(of) if event["event"] == "phase"]
    progress = [event["done"] for event in events(of) if event["event"] == "progress"]
    assert (phases, progress) == (["loading", "evaluating"], [8, 16, 20])


def test_results_do_not_depend_on_how_many_questions_are_decoded_together(run: Path) -> None:
    one_by_one, together = evaluate_job(run, evaluation(batch=1)), evaluate_job(run, evaluation(batch=20))
    evaluate(one_by_one)
    alone = results(one_by_one)
    evaluate(together)
    assert results(together)["benchmarks"] == alone["benchmarks"]
    assert [found["engine"]["batch"] for found in (alone, results(together))] == [1, 20]


def test_generated_questions_that_were_trained_on_are_left_out_and_counted(run: Path) -> None:
    """The first 20 questions of the training seed are the training set."""
    seen = {**GENERATED, "seed": 1, "slipShare": 0.1, "samples": 25}
    of = evaluate_job(run, evaluation(benchmark("digits", seen)))
    evaluate(of)
    assert results(of)["benchmarks"][0]["n"] == 5
    assert any("20 of 25 questions" in event.get("message", "") for event in events(of))
    with pytest.raises(StageError, match="none is left") as refused:
        evaluate(evaluate_job(run, evaluation(benchmark("digits", {**seen, "samples": 20}))))
    assert refused.value.exit_class == "data"


def test_a_published_benchmark_is_read_from_a_file_and_stays_whole(run: Path) -> None:
    trained_on = json.loads((run / "work" / "data" / "records.jsonl").read_text().splitlines()[0])["question"]
    rows = [{"problem": trained_on, "answer": 7}, {"problem": "What is 1 + 1?", "answer": "02"}]
    (run / "work" / "sums.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = {"kind": "file", "path": "sums.jsonl"}
    of = evaluate_job(run, evaluation(benchmark("sums", source, "integer", question="problem")))
    evaluate(of)
    assert results(of)["benchmarks"][0]["n"] == 2
    assert any("1 of 2 questions" in event.get("message", "") for event in events(of))


def test_a_finished_evaluation_is_done_again_only_for_another_checkpoint(run: Path) -> None:
    of = evaluate_job(run)
    evaluate(of)
    made = (of.work / "evaluation" / "results.json").stat().st_mtime_ns
    assert "nothing to do" in evaluate(of).message
    assert (of.work / "evaluation" / "results.json").stat().st_mtime_ns == made
    listed = manifest.read(of.work / "model")
    assert listed is not None
    (of.work / "model" / "manifest.json").write_text(json.dumps(listed))
    evaluate(of)
    assert results(of)["checkpoint"] == manifest.sha256(of.work / "model" / "manifest.json")


def test_a_checkpoint_with_one_flipped_bit_is_not_evaluated(run: Path) -> None:
    path = run / "work" / "model" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(StageError, match=r"model\.safetensors has changed") as refused:
        evaluate(evaluate_job(run))
    assert refused.value.exit_class == "data"
    assert not (run / "work" / "evaluation").exists()


@pytest.mark.parametrize(
    ("changes", "exit_class", "message"),
    [
        ({"recipe.evaluation": None}, "configuration", "no `evaluation` section"),
        (
            evaluation(benchmark("digits", GENERATED), benchmark("digits", GENERATED)),
            "configuration",
            "one name twice",
        ),
        (evaluation(samples=4), "configuration", "every answer is the same"),
        (evaluation(engine={"kind": "endpoint"}), "configuration", r"engine\.url is missing"),
        (evaluation(benchmark("digits", GENERATED, "judge")), "configuration", "grader is 'judge'"),
        (
            evaluation(controls=[{"kind": "budget"}]),
            "configuration",
            r"controls\[0\].maxThinkingTokens is missing",
        ),
        (
            evaluation(benchmark("none", {"kind": "file", "path": "none.jsonl"})),
            "missing-input",
            "none.jsonl",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_is_written(
    run: Path, changes: dict[str, Any], exit_class: str, message: str
) -> None:
    with pytest.raises(StageError, match=message) as refused:
        evaluate(evaluate_job(run, changes))
    assert refused.value.exit_class == exit_class
    assert not (run / "work" / "evaluation").exists()


def test_a_benchmark_without_questions_is_refused(run: Path) -> None:
    (run / "work" / "empty.jsonl").write_text("\n")
    with pytest.raises(StageError, match="no question"):
        evaluate(evaluate_job(run, evaluation(benchmark("empty", {"kind": "file", "path": "empty.jsonl"}))))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"question": "q"}', 'rows.jsonl:2: field "answer" is missing'),
        ('{"question": "r", "answer": "x"}', "rows.jsonl:2: the answer 'x' is no whole number"),
        ("{", "rows.jsonl:2: is not JSON"),
        ("[]", "rows.jsonl:2: a question is an object"),
    ],
)
def test_a_bad_row_of_a_benchmark_is_named_by_its_line(run: Path, line: str, message: str) -> None:
    (run / "work" / "rows.jsonl").write_text('{"question": "q", "answer": "1"}\n' + line + "\n")
    source = {"kind": "file", "path": "rows.jsonl"}
    with pytest.raises(StageError, match=message) as refused:
        evaluate(evaluate_job(run, evaluation(benchmark("rows", source, "integer"))))
    assert refused.value.exit_class == "data"
