"""What a hub has is fetched, and looked at, before a run that only evaluates holds a device."""

import json
from pathlib import Path

import pytest

from trainer.evaluate.__main__ import evaluate
from trainer.failure import StageError
from trainer.model_files import model_digest
from trainer.prepare.__main__ import prepare
from trainer.spec import EvaluationJob
from trainer.tests.completions_server import served
from trainer.tests.evaluations import benchmark, evaluation, results
from trainer.tests.given_runs import of_hub
from trainer.tests.hub_runs import COMMIT
from trainer.tests.hub_server import Hub, Repository
from trainer.tests.jobs import events
from trainer.tests.test_schema import schema

WORDS = {
    "kind": "huggingface",
    "repository": "org/set",
    "revision": COMMIT,
    "config": "words",
    "split": "train",
}
ASKED = evaluation(benchmark("words", WORDS))


@pytest.fixture
def models(hub: Hub, exported: Path) -> Hub:
    """The hub with a model in it, too."""
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    hub.repositories = {**hub.repositories, "org/model": Repository({COMMIT: files}, kind="models")}
    return hub


def refusal(job: EvaluationJob) -> tuple[str, str]:
    with pytest.raises(StageError) as refused:
        prepare(job)
    assert not (job.work / "data").exists()
    return refused.value.exit_class, refused.value.message


def test_what_prepare_has_fetched_is_evaluated_without_the_hub(
    models: Hub, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = of_hub(tmp_path, ASKED, "prepare")
    prepare(first)
    found = json.loads((first.work / "data" / "prepared.json").read_text())
    assert set(found) == set(schema("prepared-evaluation")["required"])
    assert found["inputs"]["model"] == {"name": "org/model", "sha256": model_digest(exported)}
    [asked] = found["benchmarks"]
    assert (asked["name"], asked["rows"], asked["repeated"]) == ("words", 2, 0)
    assert asked["longestPromptTokens"] > 0
    assert any(event["event"] == "phase" and event["phase"] == "preparing" for event in events(first))
    before = len(models.seen)
    job = of_hub(tmp_path, ASKED, "evaluate")
    evaluate(job)
    assert len(models.seen) == before
    assert results(job)["checkpoint"] == model_digest(exported)
    assert results(job)["benchmarks"][0]["n"] == 2
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    done = prepare(first)
    assert "nothing to do" in done.message and done.manifest is not None
    assert len(models.seen) == before


@pytest.mark.usefixtures("models")
def test_evaluate_asks_no_hub_for_what_was_not_prepared(tmp_path: Path) -> None:
    with pytest.raises(StageError) as refused:
        evaluate(of_hub(tmp_path, ASKED, "evaluate"))
    assert refused.value.exit_class == "missing-input" and "is not here" in refused.value.message


@pytest.mark.usefixtures("models")
def test_a_model_of_another_shape_than_was_planned_with_is_refused_by_prepare(tmp_path: Path) -> None:
    kind, message = refusal(of_hub(tmp_path, ASKED, "prepare", layers=7))
    assert kind == "configuration" and "model.architecture.layers is 7" in message


def test_weights_that_are_not_whole_are_refused_by_prepare(models: Hub, tmp_path: Path) -> None:
    files = models.repositories["org/model"].commits[COMMIT]
    files["model.safetensors"] = files["model.safetensors"][:-64]
    kind, message = refusal(of_hub(tmp_path, ASKED, "prepare"))
    assert kind == "data" and "model.safetensors" in message


def test_nothing_is_fetched_for_a_server_that_cannot_judge(models: Hub, tmp_path: Path) -> None:
    judged = evaluation(benchmark("words", WORDS), judge={"url": "http://127.0.0.1:9/v1"})
    refusal(of_hub(tmp_path, judged, "prepare"))
    assert models.downloads() == []


def test_for_a_server_elsewhere_no_weights_are_fetched_and_none_are_said_to_be_known(
    models: Hub, exported: Path, tmp_path: Path
) -> None:
    with served(exported, positions=512) as server:
        asked = evaluation(benchmark("words", WORDS), engine={"kind": "endpoint", "url": server.url})
        first = of_hub(tmp_path, asked, "prepare")
        prepare(first)
        evaluate(of_hub(tmp_path, asked, "evaluate"))
    found = json.loads((first.work / "data" / "prepared.json").read_text())
    assert found["inputs"]["model"] == {"name": "org/model", "sha256": None}
    assert not any(path.endswith(".safetensors") for path in models.downloads())
