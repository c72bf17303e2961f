import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trainer.spec import Floors, JobSpec
from trainer.supervise import pulse as pulse_module
from trainer.supervise.heartbeat import STARTUP_SECONDS, Beat, Heartbeat, read_beats
from trainer.supervise.pulse import STALL_SECONDS, Pulse
from trainer.tests.jobs import job

S1_32B = 32_760_000_000


@pytest.fixture
def outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STINT_OUTCOME", str(tmp_path))
    monkeypatch.setenv("RANK", "3")
    return tmp_path


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(pulse_module.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def spec_of(tmp_path: Path, **changes: Any) -> JobSpec:
    return job(tmp_path, "train", {"expected.stepSeconds": 2.65, **changes}).spec


def beat_of(outcome: Path) -> Beat:
    [beat] = read_beats(outcome).values()
    return beat


def take(pulse: Pulse, clock: Clock, outcome: Path, seconds: float, *, mode: Any = "none") -> Beat:
    """The beat that a step of so many seconds began with."""
    with pulse.step(7, mode):
        clock.now += seconds
        return beat_of(outcome)


def test_a_rank_says_what_it_does_and_how_long_that_may_take(outcome: Path) -> None:
    heartbeat = Heartbeat()
    heartbeat.beat("the checkpoint of step 123456", allowed_seconds=1234.5678)
    heartbeat.beat("step 7", allowed_seconds=122.65, usual_seconds=2.65)
    beat = read_beats(outcome)[3]
    assert (beat.doing, beat.usual_seconds, beat.allowed_seconds) == ("step 7", 2.65, 122.65)
    (outcome / "4.beat").write_text('{"doing": "st')
    assert read_beats(outcome).keys() == {3}


def test_nobody_listens_to_a_rank_without_an_entrypoint(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("STINT_OUTCOME", raising=False)
    Heartbeat().beat("step 7", allowed_seconds=1)
    assert list(tmp_path.iterdir()) == []


def test_a_step_may_take_the_deadline_more_than_planned(outcome: Path, clock: Clock, tmp_path: Path) -> None:
    pulse = Pulse(spec_of(tmp_path), Heartbeat())
    assert take(pulse, clock, outcome, 60).allowed_seconds == STARTUP_SECONDS
    take(pulse, clock, outcome, 2)
    for _ in range(20):
        beat = take(pulse, clock, outcome, 2.6)
    assert (beat.usual_seconds, beat.allowed_seconds) == (2.65, 122.65)


def test_a_run_that_is_eighty_times_slower_than_planned_is_no_hang(
    outcome: Path, clock: Clock, tmp_path: Path
) -> None:
    """s1 #111: 206 s a step over the wrong network."""
    pulse = Pulse(spec_of(tmp_path), Heartbeat())
    for seconds in [206.0, 206, 280, 206, 390]:
        assert take(pulse, clock, outcome, seconds).allowed_seconds > seconds


def test_a_mode_that_has_to_be_compiled_has_the_time_of_a_first_step(
    outcome: Path, clock: Clock, tmp_path: Path
) -> None:
    for compiled, allowed in ((True, STARTUP_SECONDS), (False, 122.65)):
        pulse = Pulse(spec_of(tmp_path, **{"recipe.training.compile": compiled}), Heartbeat())
        take(pulse, clock, outcome, 2)
        take(pulse, clock, outcome, 2)
        beat = take(pulse, clock, outcome, 2, mode="full")
        assert beat.allowed_seconds == allowed
        # Asked to stop, it is not said to be late before that either.
        assert beat.usual_seconds == (allowed if compiled else 2.65)
        assert take(pulse, clock, outcome, 2, mode="full").allowed_seconds == 122.65


def test_a_checkpoint_has_the_time_of_the_slowest_disks_that_are_allowed(
    outcome: Path, tmp_path: Path
) -> None:
    spec = spec_of(tmp_path)
    Pulse(spec, Heartbeat()).checkpointing(7, num_parameters=1000)
    assert beat_of(outcome).allowed_seconds == pytest.approx(STALL_SECONDS, abs=1)
    floors = Floors(gemm_flops_per_second=1, ring_bytes_per_second=1, disk_bytes_per_second=0.5e9)
    large = replace(spec, floors=floors, world=replace(spec.world, nodes=2))
    Pulse(large, Heartbeat()).checkpointing(7, num_parameters=S1_32B)
    # 393 GB at 1 GB/s, four times, and the stall.
    assert beat_of(outcome).allowed_seconds == pytest.approx(4 * 393 + 600, rel=0.01)
    assert json.loads((outcome / "3.beat").read_bytes())["doing"] == "the checkpoint of step 7"
