"""What is read of the weights before torch is there is what they are filled with, and is read once."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from trainer.failure import StageError
from trainer.sft import __main__ as command
from trainer.sft import read_ahead as reading
from trainer.sft.read_ahead import READERS, ReadAhead, Slice, read_ahead
from trainer.sft.train import train
from trainer.sft.weights import from_folder
from trainer.spec import Job
from trainer.stage import Outcome
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import job, prepared_job
from trainer.tests.test_weights import from_files, pretrained
from trainer.tests.training import final_weights, on_ranks


def all_read(ahead: ReadAhead) -> ReadAhead:
    for read in ahead._reads.values():
        read.result()
    return ahead


@pytest.mark.parametrize(("nodes", "devices", "hybrid"), [(1, 1, False), (1, 3, False), (2, 2, True)])
def test_a_ranks_slices_are_those_that_it_is_filled_with_and_no_file_is_opened_again(
    tmp_path: Path, nodes: int, devices: int, hybrid: bool
) -> None:
    of = on_ranks(job(tmp_path, "train", pretrained(tmp_path)), nodes * devices, nodes=nodes, hybrid=hybrid)
    expected = from_files(tmp_path / "hub")
    num_shards = devices if hybrid else nodes * devices
    aheads = [all_read(read_ahead(of, rank=rank)) for rank in range(nodes * devices)]
    sources = [from_folder(tmp_path / "hub", ahead) for ahead in aheads]
    for path in (tmp_path / "hub").glob("*.safetensors"):
        path.unlink()
    for rank, rows in enumerate(sources):
        for name, tensor in expected.items():
            block = -(-len(tensor) // num_shards)
            start, end = (
                min(index * block, len(tensor)) for index in (rank % num_shards, rank % num_shards + 1)
            )
            if end > start:
                assert torch.equal(rows(name, tensor.shape, start, end), tensor[start:end])
    assert all(not ahead._reads for ahead in aheads)


def train_ahead(of: Job) -> int:
    """How many slices lay ready when training began."""
    ahead = all_read(read_ahead(of, rank=int(os.environ["RANK"])))
    ready = len(ahead._reads)
    train(replace(of, index=0), ahead)
    dist.destroy_process_group()
    return ready


def test_a_run_begins_with_what_was_read_ahead(tmp_path: Path) -> None:
    of = on_ranks(prepared_job(tmp_path, pretrained(tmp_path)), 2)
    assert all(ready > 10 for ready in run_ranks(train_ahead, 2, of))
    found = final_weights(of)
    for name, tensor in from_files(tmp_path / "hub").items():
        assert torch.equal(found[name], tensor), name


def test_no_more_is_read_than_may_lie_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = job(tmp_path, "train", pretrained(tmp_path))
    monkeypatch.setattr(reading, "MOST_BYTES", 100_000)
    ahead = all_read(read_ahead(of, rank=0))
    assert 50_000 < sum(each.num_bytes for each in ahead._reads) <= 100_000
    rows, expected = from_folder(tmp_path / "hub", ahead), from_files(tmp_path / "hub")
    assert all(torch.equal(rows(name, each.shape, 0, len(each)), each) for name, each in expected.items())


def test_nothing_is_read_while_it_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(100_000))
    times: list[float] = []
    really: Any = os.preadv

    def watched(*arguments: Any) -> int:
        times.append(time.monotonic())
        time.sleep(0.002)
        return int(really(*arguments))

    monkeypatch.setattr(os, "preadv", watched)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 1_000)
    slices = [Slice(path, 0, 50_000), Slice(path, 50_000, 50_000), Slice(path, 10, 500)]
    ahead = ReadAhead(slices)
    with ahead.paused():
        begun, before = time.monotonic(), len(times)
        time.sleep(0.1)
        # At most what each reader had begun, and no more than that.
        assert len(times) == before < 90 and (not times or times[-1] <= begun)
    taken = [ahead.take(each) for each in slices]
    found = [each and bytes(each) for each in taken]
    content = path.read_bytes()
    whole = [content[each.start : each.start + each.num_bytes] for each in slices]
    assert all(each in (None, expected) for each, expected in zip(found, whole, strict=True))
    assert found[: READERS - 1] == whole[: READERS - 1] and len(times) > before


def test_a_file_that_is_cut_or_gone_is_told_by_who_reads_it_in_earnest(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    cut, gone = Slice(path, 0, 20), Slice(tmp_path / "none", 0, 5)
    ahead = ReadAhead([cut, gone])
    assert ahead.take(cut) is None and ahead.take(gone) is None and ahead.take(cut) is None
    of = job(tmp_path, "train", pretrained(tmp_path))
    [first, *_] = sorted((tmp_path / "hub").glob("*.safetensors"))
    first.write_bytes(first.read_bytes()[:-7])
    assert not read_ahead(of, rank=0)._reads
    with pytest.raises(StageError, match="cut short"):
        from_folder(tmp_path / "hub")


def test_nothing_is_read_for_a_run_that_goes_on_from_a_checkpoint_or_begins_from_chance(
    tmp_path: Path,
) -> None:
    of = job(tmp_path, "train", pretrained(tmp_path))
    assert read_ahead(of, rank=0)._reads
    (of.work / "checkpoints" / "step-00000002").mkdir(parents=True)
    assert not read_ahead(of, rank=0)._reads
    assert not read_ahead(job(tmp_path, "train"), rank=0)._reads


def test_the_command_hands_over_what_it_has_begun_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, given = job(tmp_path, "train", pretrained(tmp_path)), []

    def told(_: Job, ahead: ReadAhead) -> Outcome:
        given.append({each.path.name for each in all_read(ahead)._reads})
        return Outcome("trained")

    monkeypatch.setattr("trainer.sft.train.train", told)
    command.main(of)
    assert given == [{path.name for path in (tmp_path / "hub").glob("*.safetensors")}]


def test_a_command_that_fails_does_not_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of, given = job(tmp_path, "train", pretrained(tmp_path)), []

    def refused(_: Job, ahead: ReadAhead) -> Outcome:
        given.append(ahead)
        raise StageError("unfit", "its disk is slow")

    monkeypatch.setattr("trainer.sft.train.train", refused)
    with pytest.raises(StageError, match="its disk is slow"):
        command._train(of)
    [ahead] = given
    assert not ahead._reads
    with pytest.raises(RuntimeError, match="after shutdown"):
        ahead._pool.submit(print)


def test_it_needs_no_torch() -> None:
    script = (
        "import sys, trainer.sft.__main__; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
