"""What may happen to a training run, and what must come of it: the right ending and a usable checkpoint.

Two ranks under torchrun under the entrypoint, as in a container. The next attempt must always end with the
losses of a run that nothing happened to, to the bit.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from trainer.events import Events
from trainer.sft.checkpoint import Checkpoints
from trainer.sft.model import CausalLM
from trainer.sft.prepared_data import read_prepared
from trainer.sft.ranks import join_ranks
from trainer.sft.train import build
from trainer.spec import Job, World
from trainer.tests.containers import TWO_RANKS, start, steps, torchrun, worker_pids
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.training import train_on_rank

EVERY, STEPS = 20, 120
LONG = {
    **TWO_RANKS,
    "recipe.training.epochs": 40,
    "recipe.training.checkpoint": {"everySteps": EVERY, "keep": 99},
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Job:
    of = prepared_job(tmp_path_factory.mktemp("undisturbed"), LONG)
    run_ranks(train_on_rank, 2, of)
    return of


@pytest.fixture
def work(undisturbed: Job, tmp_path: Path) -> Path:
    """A run's folder with prepared data, in `tmp_path`."""
    shutil.copytree(undisturbed.work / "data", tmp_path / "work" / "data")
    return tmp_path / "work"


@pytest.fixture
def halfway(undisturbed: Job, work: Path) -> Path:
    """The same with checkpoints of an earlier attempt, up to half of the steps."""
    for step in range(EVERY, STEPS // 2 + 1, EVERY):
        name = f"step-{step:08d}"
        shutil.copytree(undisturbed.work / "checkpoints" / name, work / "checkpoints" / name)
    return work


def losses(of: Job) -> dict[int, float]:
    return {event["step"]: event["loss"] for event in events(of) if event["event"] == "step"}


def published(work: Path) -> list[int]:
    """Steps of the checkpoints that are whole; a killed attempt may have left part of another beside them."""
    return sorted(int(path.name.removeprefix("step-")) for path in (work / "checkpoints").glob("step-*"))


def checkpoints(work: Path) -> list[int]:
    """The same, where there must be nothing else in their folder."""
    assert len(list((work / "checkpoints").iterdir())) == len(published(work))
    return published(work)


def assert_goes_on(
    work: Path, undisturbed: Job, *, after: int, changes: dict[str, Any] | None = None
) -> None:
    """The next attempt resumes after that step and its losses are the undisturbed run's."""
    of = job(work.parent, "train", changes or LONG, STINT_ATTEMPT="2")
    [outcome, _] = run_ranks(train_on_rank, 2, of)
    assert outcome.step == STEPS
    expected = losses(undisturbed)
    assert losses(of) == {step: expected[step] for step in range(after + 1, STEPS + 1)}


def test_a_killed_rank_is_infrastructure(work: Path, undisturbed: Job) -> None:
    container = start(work.parent, "train", torchrun(), LONG)
    container.wait_for(lambda: steps(work.parent) > EVERY + 5 and published(work) != [])
    os.kill(worker_pids()[-1], signal.SIGKILL)
    told = container.end()
    assert told["exitClass"] == "infrastructure", told
    assert "killed from outside (SIGKILL)" in told["message"]
    assert worker_pids() == []
    assert_goes_on(work, undisturbed, after=published(work)[-1])
    assert checkpoints(work)[-1] == STEPS


def test_a_rank_killed_while_a_checkpoint_is_written_leaves_the_older_one(
    work: Path, undisturbed: Job
) -> None:
    container = start(work.parent, "train", torchrun(), LONG)
    folder = work / "checkpoints"
    # One is published, and of another a rank's file is there and the manifest is not.
    container.wait_for(lambda: any(folder.glob("step-*")) and any(folder.glob(".step-*.partial/__*")))
    os.kill(worker_pids()[-1], signal.SIGKILL)
    told = container.end()
    assert told["exitClass"] == "infrastructure", told
    assert_goes_on(work, undisturbed, after=published(work)[-1])
    assert checkpoints(work)[-1] == STEPS


def test_sigterm_saves_at_that_step(work: Path, undisturbed: Job) -> None:
    container = start(work.parent, "train", torchrun(), LONG)
    container.wait_for(lambda: steps(work.parent) > EVERY)
    container.process.terminate()
    told = container.end(timeout=20)
    assert told["exitClass"] == "interrupted", told
    assert told["step"] == steps(work.parent) == checkpoints(work)[-1] < STEPS
    assert f"Stopped on request after step {told['step']} of {STEPS}" in told["message"]
    assert_goes_on(work, undisturbed, after=told["step"])


def test_damaged_shards_are_passed_over_until_none_is_left(halfway: Path, undisturbed: Job) -> None:
    def damage(step: int) -> None:
        shard = next((halfway / "checkpoints" / f"step-{step:08d}").glob("__0_*.distcp"))
        content = bytearray(shard.read_bytes())
        content[len(content) // 3] ^= 1
        shard.write_bytes(content)

    saved = checkpoints(halfway)
    for step in saved:
        damage(step)
    container = start(halfway.parent, "train", torchrun(), LONG)
    told = container.end()
    assert told["exitClass"] == "data", told
    assert "No checkpoint can be used" in told["message"] and "__0_0.distcp has changed" in told["message"]
    assert steps(halfway.parent) == 0 and checkpoints(halfway) == saved
    damage(saved[-2])  # The same bit again: this one is sound.
    assert_goes_on(halfway, undisturbed, after=saved[-2])


def poison(of: Job) -> None:
    """Makes one weight of the newest checkpoint NaN, with a manifest that says that all is well."""
    data = read_prepared(of)
    trained = build(of, data.figures["vocabularySize"], join_ranks(of.spec))
    saving = Checkpoints(trained, of, rows=data.figures["rows"], events=Events(of, speaks=False))
    step = saving.resume()
    with torch.no_grad():
        trained.model.model.norm.weight[0] = float("nan")
    saving.begin(step)
    saving.finish()
    dist.destroy_process_group()


def test_a_loss_that_is_not_a_number_ends_the_run_before_its_update(halfway: Path, undisturbed: Job) -> None:
    one = job(halfway.parent, "train", LONG)
    run_ranks(poison, 1, replace(one, spec=replace(one.spec, world=World(nodes=1, devices_per_node=1))))
    saved = checkpoints(halfway)
    told = start(halfway.parent, "train", torchrun(), LONG).end()
    assert (told["exitClass"], told["step"]) == ("numerics", saved[-1]), told
    assert f"Step {saved[-1] + 1}: loss nan" in told["message"]
    assert checkpoints(halfway) == saved
    shutil.rmtree(halfway / "checkpoints" / f"step-{saved[-1]:08d}")
    assert_goes_on(halfway, undisturbed, after=saved[-2])


def test_a_checkpoint_that_is_being_written_is_finished_when_the_loss_is_lost(work: Path) -> None:
    wild = {
        **LONG,
        "recipe.training.optimizer": {
            "kind": "adamw",
            "learningRate": 1e30,
            "beta1": 0.9,
            "beta2": 0.95,
            "epsilon": 1e-8,
            "weightDecay": 1e-4,
            "gradientClip": 1,
        },
        "recipe.training.checkpoint": {"everySteps": 1, "keep": 99},
    }
    prepared_job(work.parent, wild)
    told = start(work.parent, "train", torchrun(), wild).end()
    assert told["exitClass"] == "numerics", told
    assert "Lower training.optimizer.learningRate" in told["message"]
    assert checkpoints(work) == list(range(1, told["step"] + 1))


@pytest.mark.parametrize("every", [EVERY, None])
def test_a_checkpoint_that_cannot_be_written_is_storage_and_older_ones_stay(
    halfway: Path, undisturbed: Job, every: int | None
) -> None:
    """In the background at `every` steps, or while the last step waits for it."""
    changes = {**LONG, "recipe.training.checkpoint": {"everySteps": every, "keep": 99}}
    prepared_job(halfway.parent, changes)
    saved = checkpoints(halfway)
    # Files may grow to 100 KiB: events fit, a rank's part of a checkpoint (300 KB) does not.
    told = start(halfway.parent, "train", torchrun(), changes, limit="ulimit -f 100; ").end()
    assert told["exitClass"] == "storage", told
    assert f"No space left in {halfway / 'checkpoints'}" in told["message"] and "bytes" in told["message"]
    # Training notices it at the next step's exchange, a few steps after the save began.
    done = saved[-1] + steps(halfway.parent)
    assert done == STEPS if every is None else saved[-1] + every < done < STEPS
    assert checkpoints(halfway) == saved
    assert_goes_on(halfway, undisturbed, after=saved[-1], changes=changes)


@pytest.fixture
def small_disk(work: Path, undisturbed: Job) -> Iterator[Path]:
    """Room for one checkpoint and for the bytes of another's tensors, but not for its files."""
    architecture = undisturbed.spec.recipe.model.architecture
    with torch.device("meta"):
        model = CausalLM(architecture, read_prepared(undisturbed).figures["vocabularySize"])
    one = undisturbed.work / "checkpoints" / f"step-{EVERY:08d}"
    files = sum(-(-path.stat().st_size // 4096) * 4096 for path in one.iterdir())
    size = files + 12 * sum(parameter.numel() for parameter in model.parameters()) + 16384
    folder = work / "checkpoints"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False
    ).returncode:
        pytest.skip("A file system of limited size can be mounted by root only.")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up_is_storage_and_the_run_goes_on_when_there_is_room(
    small_disk: Path, undisturbed: Job
) -> None:
    work = small_disk.parent
    told = start(work.parent, "train", torchrun(), LONG).end()
    assert told["exitClass"] == "storage", told
    assert f"No space left in {small_disk}" in told["message"]
    assert steps(work.parent) > 2 * EVERY and checkpoints(work) == [EVERY]
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert_goes_on(work, undisturbed, after=EVERY)
