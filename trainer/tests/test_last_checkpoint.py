"""The checkpoint of the last step: the weights alone, hashed while they are written."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from trainer import manifest
from trainer.events import Events
from trainer.sft import checkpoint_files, weights
from trainer.sft.checkpoint import Checkpoints
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


def assert_equal(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name


def save_both_on_rank(of: Job) -> None:
    """The same weights as a stop would save them at step 1, and as step 2, if it were the last."""
    data = read_prepared(of)
    ranks = join_ranks(of.spec)
    trained = build(of, data.figures["vocabularySize"], ranks)
    rows = weights.from_scratch(initializer_range=0.02, seed=3)
    weights.fill(trained.model, rows, shard_index=ranks.shard_index, num_shards=ranks.num_shards)
    saving = Checkpoints(trained, of, rows=data.figures["rows"], events=Events(of, speaks=False))
    saving.begin(1, last=True)
    saving.begin(2, last=True, holds="weights")
    saving.finish()
    dist.destroy_process_group()


@pytest.mark.parametrize(("compute", "share"), [("bf16", 6), ("fp32", 3)])
def test_the_last_checkpoint_holds_the_weights_alone_as_they_are_exported(
    tmp_path: Path, compute: str, share: int
) -> None:
    of = on_ranks(prepared_job(tmp_path, {"recipe.training.compute": compute, **SAVING}), 2)
    run_ranks(save_both_on_rank, 2, of)
    whole, last = saved(of, 1), saved(of, 2)
    named = {name: tensor for name, tensor in whole.items() if name.startswith("weights.")}
    assert len(named) < len(whole)
    dtype = torch.bfloat16 if compute == "bf16" else torch.float32
    assert all(tensor.dtype == torch.float32 for tensor in named.values())
    assert all(tensor.dtype == dtype for tensor in last.values())
    assert_equal(last, {name: tensor.to(dtype) for name, tensor in named.items()})

    def num_bytes(tensors: dict[str, torch.Tensor]) -> int:
        return sum(tensor.nbytes for tensor in tensors.values())

    assert num_bytes(last) * share == num_bytes(whole)


def test_the_manifest_of_what_was_hashed_while_it_was_written_is_that_of_the_files(tmp_path: Path) -> None:
    of = on_ranks(prepared_job(tmp_path, SAVING), 2)
    run_ranks(train_on_rank, 2, of)
    assert len(checkpoints(of)) == 6
    for name in checkpoints(of):
        folder = of.work / "checkpoints" / name
        listed = manifest.read(folder)
        assert listed is not None and manifest.damage(folder, listed["files"]) is None
        assert {file["path"] for file in listed["files"]} == {
            path.name for path in folder.iterdir() if path.name != "manifest.json"
        }


def test_a_finished_run_trains_nothing_more(tmp_path: Path) -> None:
    of = prepared_job(tmp_path)
    [first] = run_ranks(train_on_rank, 1, of)
    before = final_weights(of)
    again = job(tmp_path, "train", STINT_ATTEMPT="2")
    [second] = run_ranks(train_on_rank, 1, again)
    assert [event for event in events(again) if event["event"] == "step"] == []
    assert (second.step, second.manifest) == (first.step, first.manifest)
    assert_equal(final_weights(of), before)


def lose_the_last_on_rank(of: Job) -> None:
    """As if the machine went down when the last checkpoint's shards are written and it is not published."""
    publish = checkpoint_files.publish

    def lost(job: Job, step: int, **named: Any) -> Any:
        if named["holds"] == "weights":
            raise OSError("power")
        return publish(job, step, **named)

    checkpoint_files.publish = lost
    train_on_rank(of)


def test_what_training_goes_on_from_stays_until_the_last_checkpoint_is_whole(tmp_path: Path) -> None:
    of = prepared_job(tmp_path, {"recipe.training.checkpoint": {"everySteps": 4, "keep": 1}})
    alone = on_ranks(of, 1)
    run_ranks(train_on_rank, 1, alone)
    expected = final_weights(of)
    # The full one before it is gone: the last is whole, and all that was asked to be kept.
    assert checkpoints(of) == ["step-00000006"]
    shutil.rmtree(of.work / "checkpoints")
    with pytest.raises(AssertionError, match="power"):
        run_ranks(lose_the_last_on_rank, 1, alone)
    assert checkpoints(of) == ["step-00000004"]
    run_ranks(train_on_rank, 1, alone)
    assert_equal(final_weights(of), expected)
    assert checkpoints(of) == ["step-00000006"]
