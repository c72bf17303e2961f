import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.tensor import DTensor
from torch.utils._python_dispatch import TorchDispatchMode

from trainer.events import Events
from trainer.sft.checkpoint import Checkpoints
from trainer.sft.checkpoint_state import Content
from trainer.sft.prepared_data import read_prepared
from trainer.sft.ranks import join_ranks
from trainer.sft.train import build
from trainer.spec import Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.training import final_weights, on_ranks, saved, train_on_rank

# 6 steps, a checkpoint after each, all kept.
SAVING = {"recipe.training.checkpoint": {"everySteps": 1, "keep": 9}}


def checkpoints(of: Job) -> list[str]:
    return sorted(path.name for path in (of.work / "checkpoints").iterdir())


def keep_up_to(of: Job, step: int) -> None:
    for name in checkpoints(of)[step:]:
        shutil.rmtree(of.work / "checkpoints" / name)


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def train_two(of: Job) -> None:
    run_ranks(train_on_rank, 2, on_ranks(of, 2))


def losses(of: Job) -> dict[int, float]:
    return {event["step"]: event["loss"] for event in events(of) if event["event"] == "step"}


def assert_equal(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name


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


@pytest.mark.parametrize("step", [1, 2, 5])
def test_a_run_resumed_after_any_step_ends_equal_to_the_bit(trained: Job, step: int) -> None:
    expected, before_the_last = final_weights(trained), saved(trained, 5)
    keep_up_to(trained, step)
    again = job(trained.work.parent, "train", SAVING, STINT_ATTEMPT="2")
    train_two(again)
    assert list(losses(again)) == list(range(step + 1, 7))
    assert losses(again).items() <= losses(trained).items()
    assert_equal(final_weights(trained), expected)
    assert_equal(saved(trained, 5), before_the_last)


def test_a_run_may_go_on_with_other_numbers_of_ranks(trained: Job) -> None:
    expected = final_weights(trained)
    keep_up_to(trained, 2)
    # Two steps on one rank, then on two again; sums of gradients are rounded in another order.
    run_ranks(train_on_rank, 1, on_ranks(trained, 1))
    keep_up_to(trained, 4)
    train_two(trained)
    for name, tensor in final_weights(trained).items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-6, msg=name)


def train_with_slow_writers(of: Job, seconds: Sequence[float]) -> None:
    """Rank i begins to write what was staged only `seconds[i]` later."""
    save: Callable[..., Any] = dcp.save

    def slow_save(*arguments: Any, **named: Any) -> Any:
        time.sleep(seconds[dist.get_rank()])
        return save(*arguments, **named)

    dcp.save = slow_save
    train_on_rank(of)


@pytest.mark.parametrize("seconds", [(1.5, 0.0), (0.0, 1.5)])
def test_training_goes_on_while_a_checkpoint_of_an_earlier_step_is_written(
    trained: Job, tmp_path: Path, seconds: tuple[float, float]
) -> None:
    (tmp_path / "slow").mkdir()
    slow = {"recipe.training.checkpoint": {"everySteps": 3, "keep": 9}}
    of = prepared_job(tmp_path / "slow", slow)
    run_ranks(train_with_slow_writers, 2, on_ranks(of, 2), seconds)
    assert checkpoints(of) == ["step-00000003", "step-00000006"]
    told = events(of)
    names = [(event["event"], event.get("step")) for event in told]
    assert names.index(("checkpoint", 3)) > names.index(("step", 6))
    first, last = (event for event in told if event["event"] == "checkpoint")
    # The first is waited for only when the last one begins; the last one is nothing but waited for.
    assert first["blockedSeconds"] < first["seconds"] and first["seconds"] >= 1.5
    assert last["blockedSeconds"] == pytest.approx(last["seconds"], abs=0.1)
    phases = [event["phase"] for event in told if event["event"] == "phase"]
    assert phases == ["loading", "training", "checkpointing", "training", "checkpointing"]
    # What was written late is the state after step 3, not that of the steps since.
    assert losses(of) == losses(trained)
    expected = final_weights(trained)
    keep_up_to(of, 1)
    again = job(of.work.parent, "train", slow, STINT_ATTEMPT="2")
    train_two(again)
    assert list(losses(again)) == [4, 5, 6]
    assert_equal(final_weights(of), expected)


class Largest(TorchDispatchMode):
    """Elements of the largest floating-point tensor that any operation has made: shards, not DTensors."""

    def __init__(self) -> None:
        super().__init__()
        self.elements = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if any(issubclass(kind, DTensor) for kind in types):
            return NotImplemented
        result = func(*args, **(kwargs or {}))
        for made in result if isinstance(result, tuple | list) else [result]:
            if isinstance(made, torch.Tensor) and made.is_floating_point():
                self.elements = max(self.elements, made.numel())
        return result


class Watched(Checkpoints):
    def _write(self, *arguments: Any) -> str:
        with Largest() as largest:
            digest = super()._write(*arguments)
        self.largest = largest.elements
        return digest


def largest_when_saving(of: Job) -> tuple[int, list[int]]:
    """Elements of the largest parameter, and of the largest tensor that each part of saving made."""
    data = read_prepared(of)
    trained = build(of, data.figures["vocabularySize"], join_ranks(of.spec))
    saving = Watched(trained, of, rows=data.figures["rows"], events=Events(of, speaks=False))
    made = []
    holds: Content
    for step, last, holds in ((1, False, "state"), (2, True, "state"), (3, True, "weights")):
        with Largest() as staging:
            saving.begin(step, last=last, holds=holds)
        saving.finish()
        made += [staging.elements, saving.largest]
    dist.destroy_process_group()
    return max(parameter.numel() for parameter in trained.model.parameters()), made


def test_no_rank_makes_more_than_its_shards_to_save_them(tmp_path: Path) -> None:
    of = on_ranks(prepared_job(tmp_path), 2)
    for parameter, made in run_ranks(largest_when_saving, 2, of):
        assert len(made) == 6 and 0 < max(made) <= parameter / 2
    for name in checkpoints(of):
        sizes = [path.stat().st_size for path in (of.work / "checkpoints" / name).glob("*.distcp")]
        assert len(sizes) == 2 and max(sizes) < 1.1 * min(sizes)


def test_with_hybrid_sharding_each_shard_is_written_once(tmp_path: Path) -> None:
    saving = {"recipe.training.checkpoint": {"everySteps": 3, "keep": 9}}
    (tmp_path / "full").mkdir()
    (tmp_path / "hybrid").mkdir()
    full = prepared_job(tmp_path / "full", saving)
    run_ranks(train_on_rank, 2, on_ranks(full, 2))
    hybrid = on_ranks(prepared_job(tmp_path / "hybrid", saving), 4, nodes=2, hybrid=True)
    run_ranks(train_on_rank, 4, hybrid)

    def size(of: Job) -> int:
        return sum(
            path.stat().st_size for path in (of.work / "checkpoints" / "step-00000006").glob("*.distcp")
        )

    assert size(hybrid) < 1.05 * size(full)
    expected = final_weights(hybrid)
    keep_up_to(hybrid, 1)
    run_ranks(train_on_rank, 4, hybrid)
    assert_equal(final_weights(hybrid), expected)


def test_a_damaged_checkpoint_is_passed_over_for_an_older_one_and_said_so(trained: Job) -> None:
    folder = trained.work / "checkpoints"
    flip_a_bit(next((folder / "step-00000006").glob("__1_*.distcp")))
    (folder / "step-00000005" / "manifest.json").unlink()
    again = job(trained.work.parent, "train", SAVING, STINT_ATTEMPT="2")
    train_two(again)
    warnings = [event["message"] for event in events(again) if event.get("level") == "warning"]
    assert len(warnings) == 2
    assert "__1_0.distcp has changed" in warnings[0] and "no readable manifest" in warnings[1]
    assert list(losses(again)) == [5, 6]


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
