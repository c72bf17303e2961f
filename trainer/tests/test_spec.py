import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from trainer.failure import StageError
from trainer.load_job import load_job
from trainer.tests.jobs import environment, specification


def refusal(folder: Path, changes: dict[str, Any]) -> str:
    with pytest.raises(StageError) as caught:
        load_job(environment(folder, "train", changes))
    assert caught.value.exit_class == "configuration"
    return caught.value.message


def test_reads_specification_and_surroundings(tmp_path: Path) -> None:
    variables = environment(
        tmp_path, "train", STINT_ATTEMPT="2", STINT_REACHED_STEP="7", JOB_COMPLETION_INDEX="1"
    )
    job = load_job(variables)
    assert job.spec.recipe.training.optimizer.learning_rate == 3e-3
    assert job.spec.recipe.model.architecture.vocabulary_size is None
    assert job.spec.world.size == 1
    assert (job.stage, job.attempt, job.reached_step, job.index) == ("train", 2, 7, 1)
    content = Path(variables["STINT_SPEC"]).read_bytes()
    assert job.digest == "sha256:" + hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("recipe.training.globalBatch", "16", "spec.recipe.training.globalBatch is '16'; expected int"),
        ("recipe.training.epochs", True, "spec.recipe.training.epochs is True; expected int"),
        ("recipe.training.optimizer.learningRate", "1e-05", "learningRate is '1e-05'; expected float"),
        ("recipe.dataset.overLength", "cut", "expected one of refuse, drop, truncate"),
        ("recipe.dataset.fields", [], "spec.recipe.dataset.fields is []; expected an object"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_found_and_expected(
    tmp_path: Path, field: str, value: Any, text: str
) -> None:
    assert text in refusal(tmp_path, {field: value})


def test_a_missing_field_or_variable_or_file_is_named(tmp_path: Path) -> None:
    training = specification()["recipe"]["training"]
    del training["seed"]
    assert "spec.recipe.training.seed is missing" in refusal(tmp_path, {"recipe.training": training})
    with pytest.raises(StageError, match="STINT_SPEC is not set"):
        load_job({})
    with pytest.raises(StageError, match="No such file"):
        load_job({"STINT_SPEC": str(tmp_path / "absent.json")})
    with pytest.raises(StageError, match="STINT_ATTEMPT is 'two'"):
        load_job(environment(tmp_path, "train", STINT_ATTEMPT="two"))


def test_an_integer_will_do_where_a_fraction_may_stand_and_null_where_it_may(tmp_path: Path) -> None:
    variables = environment(tmp_path, "train", {"recipe.training.optimizer.gradientClip": 1})
    clip = load_job(variables).spec.recipe.training.optimizer.gradient_clip
    assert (clip, type(clip)) == (1.0, float)
    assert json.loads(Path(variables["STINT_SPEC"]).read_text())["recipe"]["dataset"]["systemPrompt"] is None
    assert load_job(variables).spec.recipe.dataset.system_prompt is None
