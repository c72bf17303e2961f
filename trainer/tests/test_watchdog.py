"""Ranks that hang, in real processes: two under torchrun under the entrypoint, as in a container."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from trainer.tests.containers import TWO_RANKS, Container, beats_of, start, steps, torchrun, worker_pids
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.training import train_on_rank

EVERY, STEPS, DEADLINE = 20, 300, 3.0
LONG = {
    **TWO_RANKS,
    "hangSeconds": DEADLINE,
    "recipe.training.epochs": 100,
    "recipe.training.checkpoint": {"everySteps": EVERY, "keep": 99},
}
# A look each second, three seconds for the stacks, as much for the ranks to end; and a busy machine.
SLACK = 15.0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared_job(tmp_path_factory.mktemp("prepared"), LONG).work / "data"


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    shutil.copytree(data, tmp_path / "work" / "data")
    return tmp_path


def reported(container: Container) -> list[dict[str, Any]]:
    """Events on the container's standard output."""
    return [json.loads(line) for line in container.log().splitlines() if line.startswith('{"event"')]


def stop_a_rank_after(container: Container, step: int, *, hang_seconds: float = DEADLINE) -> int:
    """Stops the last rank while all are in a step: a checkpoint is allowed minutes before it is a hang."""
    container.wait_for(lambda: steps(container.folder) > step)
    pid = worker_pids()[-1]
    while True:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.5)  # The others go on until they wait for this one.
        beats = beats_of(pid)
        if len(beats) == 2 and all(beat.allowed_seconds < hang_seconds + SLACK for beat in beats.values()):
            return pid
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.05)
        assert container.process.poll() is None, container.log()


def assert_goes_on(folder: Path, *, after: int) -> None:
    """The next attempt resumes after that step, and says what it computes again."""
    reached = steps(folder)
    of = job(folder, "train", LONG, STINT_ATTEMPT="2")
    run_ranks(train_on_rank, 2, of)
    told = [event for event in events(of) if event["event"] in ("phase", "step")]
    assert [event["step"] for event in told if event["event"] == "step"] == list(range(after + 1, STEPS + 1))
    assert [event["phase"] for event in told if event["event"] == "phase"][:2] == ["loading", "recomputing"]
    again = next(place for place, event in enumerate(told) if event.get("phase") == "training")
    assert told[again - 1].get("step", reached) <= reached < told[again + 1]["step"]


def newest_checkpoint(folder: Path) -> int:
    folders = (folder / "work" / "checkpoints").glob("step-*")
    return max((int(path.name.removeprefix("step-")) for path in folders), default=0)


def test_a_rank_that_stops_is_a_hang_told_with_every_ranks_place(folder: Path) -> None:
    container = start(folder, "train", torchrun(), LONG)
    container.wait_for(lambda: newest_checkpoint(folder) > 0)
    stop_a_rank_after(container, EVERY + 5)
    stopped = time.monotonic()
    told = container.end(timeout=60)
    assert DEADLINE - 1 < time.monotonic() - stopped < DEADLINE + SLACK
    assert told["exitClass"] == "hung", told
    message = told["message"]
    assert message.startswith("Hung in step ") and "3.0" not in message.split(";")[0]
    assert "is stopped (SIGSTOP)" in message and "(trainer/sft/" in message
    assert worker_pids() == []
    [kept] = (folder / "work" / "hang").iterdir()
    assert kept.name == "attempt-1-pod-0.txt" and str(kept) in message
    assert "most recent call first" in kept.read_text() and "most recent call first" in container.log()
    *_, hung, note = reported(container)
    assert (hung["phase"], note["message"]) == ("hung", message)
    # The devices have waited for nothing since the last sign of life.
    assert DEADLINE * 1000 < note["at"] - hung["at"] < (DEADLINE + SLACK) * 1000
    assert_goes_on(folder, after=newest_checkpoint(folder))


def test_a_rank_whose_log_nobody_reads_hangs_and_is_named(folder: Path) -> None:
    """The first process's own log is full, too: its message and the file must not wait for it."""
    container = start(folder, "train", torchrun(), LONG, stdout=subprocess.PIPE)
    told = container.end()
    assert (told["exitClass"], told.get("rank", 0)) == ("hung", 0), told
    assert "rank 0 in _write (trainer/events.py:" in told["message"]
    assert worker_pids() == []
    assert "--- rank 1\n" in (folder / "work" / "hang" / "attempt-1-pod-0.txt").read_text()


def test_a_rank_that_is_slow_is_left_alone(folder: Path) -> None:
    container = start(folder, "train", torchrun(), LONG)
    for _ in range(3):
        pid = stop_a_rank_after(container, steps(folder) + 5)
        time.sleep(DEADLINE / 2)
        os.kill(pid, signal.SIGCONT)
    told = container.end()
    assert (told["exitClass"], told["step"]) == ("succeeded", STEPS), told
    assert not (folder / "work" / "hang").exists()


def test_sigterm_in_a_hang_ends_promptly_and_says_that_nothing_was_saved(folder: Path) -> None:
    patient = {**LONG, "hangSeconds": 120}
    prepared_job(folder, patient)
    container = start(folder, "train", torchrun(), patient)
    stop_a_rank_after(container, 5, hang_seconds=120)
    container.process.terminate()
    told = container.end(timeout=28)
    assert told["exitClass"] == "interrupted", told
    assert told["message"].startswith("Stopped on request without saving")
    assert "is stopped (SIGSTOP)" in told["message"]


@pytest.mark.parametrize("stuck", [False, True])
def test_sigterm_before_the_first_step_ends_promptly(folder: Path, stuck: bool) -> None:
    container = start(folder, "train", torchrun(), LONG)
    container.wait_for(lambda: len(worker_pids()) == 2)
    if stuck:
        os.kill(worker_pids()[0], signal.SIGSTOP)
    container.process.terminate()
    told = container.end(timeout=15)
    assert told["exitClass"] == "interrupted", told
    assert "before there was anything to save" in told["message"]
    assert worker_pids() == [] and not (folder / "work" / "checkpoints").exists()


def test_the_first_process_shows_a_liveness_probe_that_it_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STINT_RUN_FOLDER", str(tmp_path))
    container = start(tmp_path, "train", ["sleep", "60"])
    container.wait_for((tmp_path / "alive").exists)
    first = (tmp_path / "alive").stat().st_mtime
    container.wait_for(lambda: (tmp_path / "alive").stat().st_mtime > first, timeout=15)
    container.process.terminate()
    container.end(timeout=10)
