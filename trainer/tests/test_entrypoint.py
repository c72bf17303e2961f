"""Stages as containers run them: real processes under the entrypoint, with signals, limits and torchrun."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from trainer.failure import EXIT_CODE_OF_CLASS
from trainer.tests.dist import free_port, run_ranks
from trainer.tests.jobs import environment, events, job
from trainer.tests.training import train_on_rank

ROOT = Path(__file__).parents[2]
TWO_RANKS = {"world": {"nodes": 1, "devicesPerNode": 2}}


@dataclass
class Container:
    """A stage's container, running."""

    process: subprocess.Popen[bytes]
    folder: Path

    def end(self, timeout: float = 90) -> dict[str, Any]:
        """The termination message; its class must be that of the exit code."""
        code = self.process.wait(timeout)
        encoded = (self.folder / "termination").read_bytes()
        assert len(encoded) <= 4096
        told: dict[str, Any] = json.loads(encoded)
        assert EXIT_CODE_OF_CLASS[told["exitClass"]] == code
        return told

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def wait_for(self, condition: Callable[[], bool], timeout: float = 90) -> None:
        end = time.monotonic() + timeout
        while not condition():
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.01)


def torchrun(port: int | None = None) -> list[str]:
    return [
        *(sys.executable, "-m", "torch.distributed.run", "--nnodes=1", "--nproc-per-node=2", "--node-rank=0"),
        *(
            "--master-addr=127.0.0.1",
            f"--master-port={port or free_port()}",
            "--max-restarts=0",
            "-m",
            "trainer.sft",
        ),
    ]


def start(
    folder: Path, stage: str, command: list[str], changes: dict[str, Any] | None = None, *, limit: str = ""
) -> Container:
    variables = environment(folder, stage, changes, STINT_TERMINATION_LOG=str(folder / "termination"))
    shell = f'{limit}exec "$0" -m trainer.entrypoint "$@"'
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            ["bash", "-c", shell, sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **variables, "OMP_NUM_THREADS": "1"},
            stdout=log,
            stderr=log,
        )
    return Container(process, folder)


def prepared(folder: Path, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return start(folder, "prepare", [sys.executable, "-m", "trainer.sft.prepare"], changes).end()


def steps(folder: Path) -> int:
    path = folder / "work" / "events" / "train-a1-0.jsonl"
    return path.read_text().count('"event": "step"') if path.exists() else 0


def worker_pids() -> list[int]:
    """Processes of ours, so not those of tests that run beside this one, that train."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().split(b"\0")
            variables = (path / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[1:3] == [b"-u", b"-m"] and f"STINT_TEST={os.getpid()}".encode() in variables:
            found.append(int(path.name))
    return sorted(found)


@pytest.fixture(autouse=True)
def mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STINT_TEST", str(os.getpid()))


def test_the_stages_in_turn_succeed_and_say_what_they_made(tmp_path: Path) -> None:
    told = prepared(tmp_path, TWO_RANKS)
    assert told["exitClass"] == "succeeded" and told["manifest"].startswith("sha256:")
    told = start(tmp_path, "train", torchrun(), TWO_RANKS).end()
    assert (told["exitClass"], told["step"]) == ("succeeded", 6), told
    told = start(tmp_path, "export", [sys.executable, "-m", "trainer.sft.export"], TWO_RANKS).end()
    assert told["exitClass"] == "succeeded"
    assert (tmp_path / "work" / "model" / "model.safetensors").exists()
    again = start(tmp_path, "train", torchrun(), TWO_RANKS).end()
    assert "nothing to do" in again["message"]


def test_sigterm_saves_and_the_next_attempt_goes_on_and_dies_with_its_entrypoint(tmp_path: Path) -> None:
    long = {**TWO_RANKS, "recipe.training.epochs": 400}
    prepared(tmp_path, long)
    container = start(tmp_path, "train", torchrun(), long)
    container.wait_for(lambda: steps(tmp_path) >= 3)
    container.process.terminate()
    told = container.end(timeout=20)
    assert told["exitClass"] == "interrupted", told
    assert (tmp_path / "work" / "checkpoints" / f"step-{told['step']:08d}" / "manifest.json").exists()
    assert steps(tmp_path) == told["step"] < 1200
    assert worker_pids() == []
    container = start(tmp_path, "train", torchrun(), long)
    container.wait_for(lambda: f'"step": {told["step"] + 1},' in container.log())
    # And now the hard way: nothing may outlive the container's first process.
    assert len(worker_pids()) == 2
    container.process.kill()
    container.process.wait()
    end = time.monotonic() + 5
    while worker_pids() and time.monotonic() < end:
        time.sleep(0.05)
    assert worker_pids() == []


def test_sigterm_before_training_is_an_interruption_too(tmp_path: Path) -> None:
    container = start(tmp_path, "prepare", ["sleep", "60"])
    time.sleep(1)
    container.process.terminate()
    assert container.end(timeout=10)["exitClass"] == "interrupted"


def test_a_worker_killed_while_saving_is_infrastructure_and_an_older_checkpoint_is_used(
    tmp_path: Path,
) -> None:
    saving = {
        **TWO_RANKS,
        "recipe.training.epochs": 8,
        "recipe.training.checkpoint": {"everySteps": 1, "keep": 2},
    }
    prepared(tmp_path, saving)
    container = start(tmp_path, "train", torchrun(), saving)
    folder = tmp_path / "work" / "checkpoints"
    # A rank's file is there and the manifest is not.
    container.wait_for(lambda: steps(tmp_path) >= 3 and any(folder.glob(".step-*.partial/__*")))
    os.kill(worker_pids()[-1], signal.SIGKILL)
    told = container.end()
    assert told["exitClass"] == "infrastructure", told
    assert worker_pids() == []
    again = job(tmp_path, "train", saving, STINT_ATTEMPT="2")
    assert run_ranks(train_on_rank, 2, again)[0].step == 24
    first = next(event["step"] for event in events(again) if event["event"] == "step")
    assert first >= 3 and first - 1 <= steps(tmp_path)


def test_a_full_disk_is_storage_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    saving = {**TWO_RANKS, "recipe.training.checkpoint": {"everySteps": 2, "keep": 2}}
    prepared(tmp_path, saving)
    # Files may grow to 100 KiB: events fit, a rank's part of a checkpoint (300 KB) does not.
    container = start(tmp_path, "train", torchrun(), saving, limit="ulimit -f 100; ")
    told = container.end()
    assert told["exitClass"] == "storage", told
    assert str(tmp_path / "work") in told["message"] and "bytes" in told["message"]
    assert list((tmp_path / "work" / "checkpoints").iterdir()) == []


def test_a_rendezvous_port_in_use_is_infrastructure_and_named(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("", 0))
        holder.listen()
        port = holder.getsockname()[1]
        told = start(tmp_path, "train", torchrun(port), TWO_RANKS).end()
    assert told["exitClass"] == "infrastructure" and str(port) in told["message"]


def test_bad_input_of_a_stage_keeps_its_class(tmp_path: Path) -> None:
    bad = {"recipe.dataset.source": {"kind": "file", "path": "absent.jsonl"}}
    assert prepared(tmp_path, bad)["exitClass"] == "missing-input"
    assert prepared(tmp_path, {"recipe.training.epochs": "five"})["exitClass"] == "configuration"
    assert prepared(tmp_path, {"recipe.training.sequenceLength": 20})["exitClass"] == "data"
    assert start(tmp_path, "train", []).end()["exitClass"] == "usage"
    assert start(tmp_path, "train", ["no-such-command"]).end()["exitClass"] == "configuration"
    told = start(tmp_path, "train", [sys.executable, "-c", "raise SystemExit('why it ended')"]).end()
    assert told["exitClass"] == "unknown" and "why it ended" in told["message"]
