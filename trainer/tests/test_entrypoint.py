"""Stages as containers run them: real processes under the entrypoint, with signals and torchrun."""

import socket
import sys
import time
from pathlib import Path

from trainer.tests.containers import TWO_RANKS, prepared, start, steps, torchrun, worker_pids


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
