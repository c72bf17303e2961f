"""A run that only evaluates: the model, and the records that it was trained on, are given to it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from trainer.evaluate.__main__ import evaluate
from trainer.failure import StageError
from trainer.model_files import model_digest
from trainer.spec import EvaluationJob, Job
from trainer.tests.completions_server import served
from trainer.tests.evaluations import GENERATED, benchmark, evaluate_job, evaluation, results
from trainer.tests.given_runs import given
from trainer.tests.jobs import events


def test_a_given_model_answers_as_it_did_in_the_run_that_trained_it(run: Path) -> None:
    own, again = evaluate_job(run), given(run, evaluation())
    assert isinstance(own, Job) and isinstance(again, EvaluationJob)
    evaluate(own)
    evaluate(again)
    assert results(again)["benchmarks"] == results(own)["benchmarks"]
    assert results(again)["checkpoint"] == model_digest(run / "work" / "model")


def test_questions_of_its_training_are_left_out_where_its_records_are_known(run: Path) -> None:
    seen = {**GENERATED, "seed": 1, "slipShare": 0.1, "samples": 25}
    settings = evaluation(benchmark("digits", seen))
    known = given(run, settings)
    evaluate(known)
    assert results(known)["benchmarks"][0]["n"] == 5
    unknown = given(run, settings, trained_on=False)
    evaluate(unknown)
    assert results(unknown)["benchmarks"][0]["n"] == 25
    assert any("not known here" in event.get("message", "") for event in events(unknown))


def test_another_model_than_the_one_that_was_planned_with_is_not_asked(run: Path) -> None:
    with pytest.raises(StageError, match="not what the run was planned with"):
        evaluate(given(run, evaluation(), sha256="sha256:" + "0" * 64))


def test_what_prepare_would_refuse_is_refused_before_weights_are_read(run: Path) -> None:
    [asked] = evaluation()["recipe.evaluation"]["benchmarks"]
    with pytest.raises(StageError, match="the recipe says 21"):
        evaluate(given(run, evaluation({**asked, "questions": 21})))
    with pytest.raises(StageError, match=r"needs \d+ positions"):
        evaluate(given(run, evaluation(controls=[{"kind": "budget", "maxThinkingTokens": 100_000}])))


def test_another_shape_than_the_one_that_was_planned_with_is_refused(run: Path) -> None:
    job = given(run, evaluation())
    model = job.spec.recipe.model
    wider = replace(model, architecture=replace(model.architecture, layers=7))
    recipe = replace(job.spec.recipe, model=wider)
    with pytest.raises(StageError, match=r"model\.architecture\.layers is 7, num_hidden_layers there is \d"):
        evaluate(replace(job, spec=replace(job.spec, recipe=recipe)))


def test_tokens_that_the_model_has_no_rows_for_are_refused_before_weights_are_read(
    run: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(run / "work" / "model", other / "work" / "model")
    config = other / "work" / "model" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "vocab_size": 64}))
    with pytest.raises(StageError, match=r"has 460 tokens, and vocab_size .* is 64") as refused:
        evaluate(given(other, evaluation(), trained_on=False))
    assert refused.value.exit_class == "configuration"


def test_a_server_elsewhere_answers_for_a_folder_that_has_no_weights(run: Path) -> None:
    own, whole = evaluate_job(run), run / "work" / "model"
    evaluate(own)
    with served(whole, positions=512) as server:
        settings = evaluation(engine={"kind": "endpoint", "url": server.url})
        again = given(run, settings, trained_on=True)
        bare = run / "bare"
        assert again.spec.inputs.model is not None
        shutil.copytree(whole, bare, ignore=shutil.ignore_patterns("*.safetensors"))
        model = replace(again.spec.inputs.model, path=str(bare), sha256=model_digest(bare))
        inputs = replace(again.spec.inputs, model=model)
        evaluate(replace(again, spec=replace(again.spec, inputs=inputs)))
    found = results(again)
    assert found["engine"]["kind"] == "endpoint"
    assert found["engine"]["url"] == server.url and found["engine"]["model"]
    assert found["benchmarks"] == results(own)["benchmarks"]
    assert "url" not in results(own)["engine"]
