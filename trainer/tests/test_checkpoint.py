import shutil
from pathlib import Path

import pytest
import torch

from trainer.spec import Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.training import final_weights, on_ranks, train_on_rank

# 6 steps, a checkpoint every 2, all kept.
SAVING = {"recipe.training.checkpoint": {"everySteps": 2, "keep": 9}}


def checkpoints(of: Job) -> list[str]:
    return sorted(path.name for path in (of.work / "checkpoints").iterdir())


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def train_two(of: Job) -> None:
    run_ranks(train_on_rank, 2, on_ranks(of, 2))


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    of = prepared_job(tmp_path_factory.mktemp("trained"), SAVING)
    train_two(of)
    return of.work


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Job:
    """A finished run that a test may spoil."""
    shutil.copytree(trained_once, tmp_path / "work")
    return job(tmp_path, "train", SAVING)


def test_a_resumed_run_ends_equal_to_the_bit(trained: Job) -> None:
    expected = final_weights(trained)
    for name in ("step-00000004", "step-00000006"):
        shutil.rmtree(trained.work / "checkpoints" / name)
    again = job(trained.work.parent, "train", SAVING, STINT_ATTEMPT="2")
    train_two(again)
    assert [event["step"] for event in events(again) if event["event"] == "step"] == [3, 4, 5, 6]
    found = final_weights(trained)
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name


def test_a_damaged_checkpoint_is_passed_over_for_an_older_one_and_said_so(trained: Job) -> None:
    folder = trained.work / "checkpoints"
    flip_a_bit(next((folder / "step-00000006").glob("__1_*.distcp")))
    (folder / "step-00000004" / "manifest.json").unlink()
    again = job(trained.work.parent, "train", SAVING, STINT_ATTEMPT="2")
    train_two(again)
    told = events(again)
    warnings = [event["message"] for event in told if event.get("level") == "warning"]
    assert len(warnings) == 2
    assert "__1_0.distcp has changed" in warnings[0] and "no readable manifest" in warnings[1]
    assert [event["step"] for event in told if event["event"] == "step"] == [3, 4, 5, 6]


def test_when_no_checkpoint_is_sound_the_run_ends_instead_of_starting_over(trained: Job) -> None:
    for folder in (trained.work / "checkpoints").iterdir():
        (folder / ".metadata").unlink()
    with pytest.raises(AssertionError, match="No checkpoint can be used"):
        train_two(trained)


def test_only_the_newest_are_kept_and_leftovers_go(tmp_path: Path) -> None:
    of = prepared_job(tmp_path, {"recipe.training.checkpoint": {"everySteps": 1, "keep": 2}})
    leftover = of.work / "checkpoints" / ".step-00000002.partial"
    leftover.mkdir(parents=True)
    (leftover / "__0_0.distcp").write_bytes(b"half")
    run_ranks(train_on_rank, 1, of)
    assert checkpoints(of) == ["step-00000005", "step-00000006"]


def test_a_checkpoint_of_another_recipe_is_not_continued(trained: Job) -> None:
    other = {**SAVING, "recipeDigest": "sha256:" + "1" * 64}
    of = prepared_job(trained.work.parent, other)
    with pytest.raises(AssertionError, match="another recipe or to other data"):
        train_two(of)
