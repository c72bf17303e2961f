"""A judge beside the grader, over HTTP: what it is asked, what its word does, and what its silence does."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from trainer import manifest
from trainer.evaluate.__main__ import RECORDS, evaluate
from trainer.evaluate.grader import Grade, Grader, grade
from trainer.evaluate.judge import FEWEST_SILENCES, Judge
from trainer.evaluate.settings import JudgeChoice
from trainer.failure import StageError
from trainer.sft.end_tokens import end_tokens
from trainer.spec import Job
from trainer.tests.evaluations import (
    benchmark,
    evaluate_job,
    evaluation,
    export_into,
    exported_run,
    results,
    samples_of,
)
from trainer.tests.jobs import events
from trainer.tests.judge_server import Asked, JudgeServer, judging

SECRET = "sk-do-not-tell-0123456789"
SUMS = {"kind": "file", "path": "sums.jsonl"}
BENCHMARKS = (benchmark("numbers", SUMS, "integer"), benchmark("texts", SUMS, "exact"))
"""What a random model says holds no number, so that one grader reads nothing of it and the other all."""


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported model of random weights whose answers end, by a head that likes their end."""
    folder = tmp_path_factory.mktemp("talking")
    exported = export_into(folder)
    weights = load_file(exported / "model.safetensors")
    for end in end_tokens(exported):
        weights["lm_head.weight"][end] *= 3
    ending = manifest.fresh(folder / "ending")
    shutil.copytree(exported, ending, dirs_exist_ok=True)
    (ending / manifest.NAME).unlink()
    save_file(weights, ending / "model.safetensors")
    manifest.publish(ending, folder / "ending", stage="export", spec="sha256:" + "0" * 64)
    return folder / "ending"


@pytest.fixture
def run(tmp_path: Path, talking: Path) -> Path:
    folder = exported_run(tmp_path, talking)
    rows = [{"question": f"What is {number}?", "answer": number} for number in range(8)]
    (folder / "work" / "sums.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def judged_job(run: Path, server: JudgeServer, **more: Any) -> Job:
    judge = {"url": server.url, "model": "judge", "answers": more.pop("answers", "unreadable")}
    return evaluate_job(run, evaluation(*BENCHMARKS, judge=judge, maxAnswerTokens=12, batch=4, **more))


def evaluated(
    run: Path, server: JudgeServer, **more: Any
) -> tuple[Job, list[dict[str, Any]], dict[str, Any]]:
    of = judged_job(run, server, **more)
    evaluate(of)
    return of, samples_of(of), results(of)


def read(row: dict[str, Any]) -> Grade:
    """What the grader alone says of it."""
    grader: Grader = "integer" if row["benchmark"] == "numbers" else "exact"
    return grade(grader, text=row["answer"], reference=row["reference"], cut=row["cut"])


def hear(server: JudgeServer, answer: str = "two", tell: list[str] | None = None, times: int = 1) -> Any:
    told = [] if tell is None else tell
    with Judge(JudgeChoice(server.url, "judge"), tell=told.append, sleep=lambda _: None) as judge:
        judge.require_ready()
        return [judge.hear("What is it?", "2", answer, 1) for _ in range(times)][-1]


def test_only_what_the_grader_cannot_read_is_asked_and_each_verdict_is_marked(run: Path) -> None:
    def says(asked: Asked) -> str:
        return f"{asked['code']} {'right' if len(asked['answer']) % 2 else 'wrong'}"

    with judging(JudgeServer(says)) as server:
        _, rows, found = evaluated(run, server)
    local = {id(row): read(row) for row in rows}
    heard = [row for row in rows if "judge" in row]
    assert 0 < len(server.seen) == len(heard) < len(rows)
    assert any(row["cut"] for row in rows), "the test must see an answer that was cut"
    for row in rows:
        is_asked = local[id(row)] == "unreadable" and not row["cut"] and row["answer"].strip() != ""
        assert ("judge" in row) == is_asked == (row["gradedBy"] == "judge")
        if is_asked:
            assert row["grade"] == row["judge"]["verdict"] and row["judge"]["grader"] == "unreadable"
            assert row["judge"]["model"] == "judge-2026-11-30"
        else:
            assert row["grade"] == local[id(row)]
        assert row["correct"] == (row["grade"] == "right")
    assert found["judge"].items() >= {"url": server.url, "model": "judge", "answers": "unreadable"}.items()
    assert [each["judge"]["asked"] for each in found["benchmarks"][1]["results"]] == [0, 0]
    for result in found["benchmarks"][0]["results"]:
        mine = [row for row in heard if row["budget"] == result["budget"]]
        counted = result["judge"]
        assert counted["asked"] == len(mine) == counted["right"] + counted["wrong"]
        assert counted["right"] == sum(row["correct"] for row in mine)
        assert (counted["promptTokens"], counted["completionTokens"]) == (90 * len(mine), 9 * len(mine))
    assert all(request["temperature"] == 0 and request["model"] == "judge" for request in server.seen)


def test_where_the_recipe_says_all_it_may_overrule_the_grader_and_that_is_counted(run: Path) -> None:
    with judging(JudgeServer(lambda asked: f"{asked['code']} right")) as server:
        _, rows, found = evaluated(run, server, answers="all")
    assert all(("judge" in row) == (not row["cut"] and row["answer"].strip() != "") for row in rows)
    overruled = [row for row in rows if row.get("judge", {}).get("grader") == "wrong"]
    counted = [each["judge"]["overruled"] for of in found["benchmarks"] for each in of["results"]]
    assert sum(counted) == len(overruled) > 0


@pytest.mark.parametrize(
    "says",
    [
        lambda asked: asked["answer"],
        lambda asked: f"The answer is right. {asked['code']} right",
        lambda _: "right",
        lambda _: "",
        lambda _: 400,
    ],
    ids=["repeats", "talks", "no code", "nothing", "refuses"],
)
def test_nonsense_leaves_what_the_grader_said_and_is_told(run: Path, says: Any) -> None:
    with judging(JudgeServer(says)) as server:
        _, rows, found = evaluated(run, server)
    heard = [row for row in rows if "judge" in row]
    assert heard
    for row in heard:
        assert row["grade"] == row["judge"]["grader"] == "unreadable" and row["gradedBy"] == "grader"
        assert row["judge"]["verdict"] is None and row["judge"]["problem"]
    assert sum(each["judge"]["unheard"] for each in found["benchmarks"][0]["results"]) == len(heard)


def test_a_judge_that_has_gone_is_asked_so_many_times_and_no_more() -> None:
    told: list[str] = []
    with judging(JudgeServer(lambda _: 503)) as server:
        opinion = hear(server, tell=told, times=9)
        assert len(server.seen) == 6 * FEWEST_SILENCES
    assert opinion.verdict is None and "asked no more" in opinion.problem
    assert len(told) == 1 and "grades of the grader stand" in told[0]


def test_an_answer_that_it_refuses_is_no_silence() -> None:
    told: list[str] = []
    with judging(JudgeServer(lambda _: 400)) as server:
        hear(server, tell=told, times=9)
        assert len(server.seen) == 9 and told == []


def test_a_model_that_thinks_is_asked_on_its_own_terms(run: Path) -> None:
    with judging(JudgeServer(refuses=("max_tokens", "temperature"))) as server:
        _, rows, found = evaluated(run, server)
    assert any("judge" in row and row["gradedBy"] == "judge" for row in rows)
    assert found["judge"]["temperature"] is None
    assert all("max_completion_tokens" in request and "temperature" not in request for request in server.seen)


def test_a_server_that_takes_nothing_is_refused_in_its_own_words(run: Path) -> None:
    terms = ("max_tokens", "temperature", "max_completion_tokens")
    refused = pytest.raises(StageError, match="'max_completion_tokens' is not supported")
    with judging(JudgeServer(refuses=terms)) as server, refused:
        evaluate(judged_job(run, server))


def test_a_reply_that_was_cut_is_no_verdict() -> None:
    with judging() as server:
        assert hear(server, "2").verdict == "right"
        server.reason = "length"
        with pytest.raises(StageError, match="gave no verdict"):
            hear(server, "2")


@pytest.mark.parametrize(
    ("server", "choice", "message"),
    [
        (JudgeServer(shows_its_ability=False), {}, "gave no verdict"),
        (JudgeServer(), {"model": "unknown"}, "serves judge, another; expected the model unknown"),
        (JudgeServer(), {"model": None}, r"Name it as evaluation\.judge\.model"),
        (JudgeServer(key="other"), {}, "Give its key as STINT_JUDGE_KEY"),
    ],
)
def test_a_judge_that_cannot_judge_is_refused_before_anything_is_asked(
    server: JudgeServer, choice: dict[str, Any], message: str, run: Path
) -> None:
    with judging(server):
        of = evaluate_job(run, evaluation(judge={"url": server.url, "model": "judge", **choice}))
        with pytest.raises(StageError, match=message) as refused:
            evaluate(of)
    assert refused.value.exit_class == "configuration" and server.seen == []
    assert not (run / "work" / RECORDS).exists()


def test_its_key_is_in_no_record_no_log_and_no_error(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STINT_JUDGE_KEY", SECRET)
    # One that repeats the key wherever it can.
    with judging(JudgeServer(lambda _: f"your key is {SECRET}", key=SECRET)) as server:
        of, rows, _ = evaluated(run, server)
        server.says = lambda _: 400
        assert "***" in hear(server).problem
    assert any("judge" in row and "***" in row["judge"]["said"] for row in rows)
    for file in of.work.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file
    assert SECRET not in json.dumps(events(of))
    monkeypatch.setenv("STINT_JUDGE_KEY", SECRET + "x")
    with judging(JudgeServer(key=SECRET)) as server, pytest.raises(StageError) as refused:
        hear(server)
    assert SECRET not in str(refused.value)


def test_a_killed_evaluation_goes_on_and_asks_the_judge_only_what_is_missing(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with judging() as server:
        of, _, _ = evaluated(run, server)
        whole, asked = manifest.sha256(of.work / "evaluation" / "manifest.json"), len(server.seen)
        (of.work / "evaluation" / "manifest.json").unlink()
        server.seen.clear()

        def fail(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            # It dies when all is answered, before a result is written.
            patch.setattr("trainer.evaluate.desk.Desk.measured", fail)
            with pytest.raises(KeyboardInterrupt):
                evaluate(judged_job(run, server))
        assert len(server.seen) == asked
        evaluate(judged_job(run, server))
        assert len(server.seen) == asked, "every verdict was kept"
    assert manifest.sha256(of.work / "evaluation" / "manifest.json") == whole
