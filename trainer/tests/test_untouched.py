"""The model that training began from, evaluated beside the checkpoint."""

import gc
import shutil
import weakref
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from trainer.evaluate.__main__ import evaluate
from trainer.evaluate.load_model import load_model
from trainer.failure import StageError
from trainer.sft.model import CausalLM
from trainer.sft.prepare import prepare
from trainer.tests.evaluations import evaluate_job, evaluation, pretrained, results
from trainer.tests.jobs import job, specification


def test_the_model_that_training_began_from_answers_the_same_questions_where_the_recipe_asks(
    run: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    shutil.copytree(exported, source)
    weights = load_file(source / "model.safetensors")
    # Of other weights than the checkpoint's, so that a model that is measured twice would be noticed.
    save_file({name: weight.flip(0) for name, weight in weights.items()}, source / "model.safetensors")
    of = evaluate_job(run, {**evaluation(untouched=True), **pretrained(str(source))})
    prepare(job(run, "prepare", {**evaluation(untouched=True), **pretrained(str(source))}))
    loaded: list[weakref.ref[CausalLM]] = []

    def load_alone(*args: Any) -> CausalLM:
        assert [each() for each in loaded] == [None] * len(loaded), "two models are held together"
        model = load_model(*args)
        loaded.append(weakref.ref(model))
        return model

    monkeypatch.setattr("trainer.evaluate.hosts.load_model", load_alone)
    gc.disable()
    try:
        evaluate(of)
    finally:
        gc.enable()
    assert len(loaded) == 2
    found = results(of)
    [before], [after] = found["untouched"]["benchmarks"], found["benchmarks"]
    assert (before["name"], before["questions"]) == (after["name"], after["questions"])
    assert [entry["budget"] for entry in before["results"]] == [entry["budget"] for entry in after["results"]]
    said = {
        name: (of.work / "evaluation" / f"{name}.jsonl").read_text().splitlines()
        for name in ("samples", "untouched")
    }
    assert len(said["samples"]) == len(said["untouched"]) == 40
    assert said["samples"] != said["untouched"]


def test_a_model_that_is_not_any_more_what_training_began_from_is_refused(
    run: Path, exported: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(exported, source)
    changes = {**evaluation(untouched=True), **pretrained(str(source))}
    prepare(job(run, "prepare", changes))
    weights = load_file(source / "model.safetensors")
    save_file({name: weight.flip(0) for name, weight in weights.items()}, source / "model.safetensors")
    with pytest.raises(StageError, match="not the model that training began from any more") as refused:
        evaluate(evaluate_job(run, changes))
    assert refused.value.exit_class == "data"
    shutil.rmtree(source)
    staged = {
        **specification(changes)["inputs"],
        "model": {"name": "mine", "path": str(source), "sha256": None},
    }
    for inputs, message in (({}, "is not here"), ({"inputs": staged}, "is not there any more. Put it back")):
        with pytest.raises(StageError, match=message) as missing:
            evaluate(evaluate_job(run, {**changes, **inputs}))
        assert missing.value.exit_class == "missing-input"


def test_the_untouched_model_is_not_asked_unless_the_recipe_does(run: Path) -> None:
    of = evaluate_job(run)
    evaluate(of)
    assert "untouched" not in results(of)
    assert not (of.work / "evaluation" / "untouched.jsonl").exists()


def test_a_model_from_scratch_has_no_untouched_one(run: Path) -> None:
    with pytest.raises(StageError, match="untouched"):
        evaluate(evaluate_job(run, evaluation(untouched=True)))
