"""Stages as containers run them: real processes under the entrypoint, with signals and torchrun."""

import json
import mmap
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from trainer import entrypoint
from trainer.supervise.evidence import flight_recorder_environment
from trainer.tests.containers import TWO_RANKS, prepared, start, steps, torchrun, worker_pids

TORCH = Path(torch.__file__).parent


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
    container = start(tmp_path, "prepare", ["bash", "-c", "echo begun; exec sleep 60"])
    container.wait_for(lambda: "begun" in container.log())
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


def test_a_container_without_a_folder_for_temporary_files_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a root file system that may only be read and nothing mounted: every candidate is refused."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    blocked = (
        "import sys, tempfile\n"
        "tempfile._candidate_tempdir_list = lambda: [sys.argv[1]]\n"
        "from trainer.entrypoint import main\n"
        "sys.exit(main(['sleep', '60']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", blocked, str(tmp_path / "absent")],
        env={**os.environ, "STINT_TERMINATION_LOG": str(tmp_path / "termination")},
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
    )
    told = json.loads((tmp_path / "termination").read_bytes())
    assert (told["exitClass"], ended.returncode) == ("configuration", 78)
    assert "temporary files" in told["message"] and "TMPDIR" in told["message"]


def test_an_entrypoint_that_fails_itself_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/sys/fs/cgroup")

    monkeypatch.setattr(entrypoint, "_num_oom_kills", broken)
    monkeypatch.setenv("STINT_TERMINATION_LOG", str(tmp_path / "termination"))
    assert entrypoint.main(["true"]) == 1
    told = json.loads((tmp_path / "termination").read_bytes())
    assert told["exitClass"] == "unknown" and "Permission denied" in told["message"]


# What a rank does whose collective is late: NCCL's monitor writes its records, then the process ends.
LATE = (
    "import os, pathlib, sys\n"
    "pathlib.Path(os.environ['TORCH_NCCL_DEBUG_INFO_TEMP_FILE'] + '3').write_text(sys.argv[1])\n"
    "raise SystemExit(int(sys.argv[2]))"
)


def test_records_of_collectives_reach_the_runs_folder_whatever_the_end_but_success(tmp_path: Path) -> None:
    hang = tmp_path / "work" / "hang"
    assert start(tmp_path, "train", [sys.executable, "-c", LATE, "kept by nobody", "0"]).end()
    assert not hang.exists()
    start(tmp_path, "train", [sys.executable, "-c", LATE, "first", "1"]).end()
    assert [path.name for path in hang.iterdir()] == ["attempt-1-pod-0-flight-record-3"]
    # A job that starts its pods again calls their attempt as before.
    start(tmp_path, "train", [sys.executable, "-c", LATE, "second", "134"]).end()
    kept = {path.name: path.read_text() for path in hang.iterdir()}
    assert kept == {"attempt-1-pod-0-flight-record-3": "first", "attempt-1-pod-0.2-flight-record-3": "second"}


def test_settings_of_the_flight_recorder_are_a_users_own_where_there_are_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_NCCL_DEBUG_INFO_TEMP_FILE", str(tmp_path / "theirs-"))
    start(tmp_path, "train", [sys.executable, "-c", LATE, "record", "1"]).end()
    assert (tmp_path / "theirs-3").read_text() == "record"
    assert not (tmp_path / "work" / "hang").exists()


def test_the_names_are_those_that_the_installed_torch_reads() -> None:
    libraries = [TORCH / "lib" / name for name in ("libtorch_cpu.so", "libtorch_cuda.so")]
    left = {name.encode() for name in flight_recorder_environment(Path("folder"))}
    for library in filter(Path.exists, libraries):
        with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            left = {name for name in left if content.find(name) < 0}
    assert left == set()
