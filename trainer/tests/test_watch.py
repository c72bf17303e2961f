import time
from collections import deque
from pathlib import Path

import pytest
import torch

from trainer.events import Events
from trainer.sft.meter import Meter
from trainer.supervise.watch import Watch, recompilation, slowness
from trainer.tests.jobs import events, job

SECONDS = {"update": 0.1, "pack": 0.01, "forward": 1.0, "backward": 2.5, "exchange": 0.2}


def test_a_median_below_four_fifths_of_the_plan_is_told_with_the_phases_longest_first() -> None:
    slow = slowness(deque([0.2] * 11 + [0.9] * 9), planned=0.44, seconds=SECONDS)  # type: ignore[arg-type]
    assert slow is not None
    assert "MFU is 20.0%" in slow and "expects 44.0%" in slow
    assert "backward 2.500 s, forward 1.000 s, exchange 0.200 s" in slow


@pytest.mark.parametrize("mfus", [[0.0] * 19, [0.353] * 20, [0.0] * 9 + [0.44] * 11])
def test_a_start_or_a_few_slow_steps_are_no_slow_run(mfus: list[float]) -> None:
    assert slowness(deque(mfus), planned=0.44, seconds=SECONDS) is None  # type: ignore[arg-type]


def test_more_than_two_graphs_a_mode_are_told() -> None:
    assert recompilation(4, num_modes=2) is None
    message = recompilation(5, num_modes=2)
    assert message is not None and "5 graphs were compiled for 2 ways" in message


def test_a_slow_run_is_warned_of_once_on_gpus_and_never_on_processors(tmp_path: Path) -> None:
    for device, warnings in (("cpu", 0), ("cuda", 1)):
        (tmp_path / device).mkdir()
        of = job(tmp_path / device, "train", {"device": device, "expected.mfu": 0.4})
        watch = Watch(of.spec, Events(of))
        for _ in range(100):
            watch.see(mfu=0.1, seconds=SECONDS)  # type: ignore[arg-type]
        path = of.work / "events"
        told = events(of) if path.exists() else []
        assert [event["level"] for event in told] == ["warning"] * warnings


def test_phases_follow_one_another_without_gap_and_what_is_between_steps_is_left_out() -> None:
    # Whatever the machine does in between, the truth lies between the inner and the outer clock.
    outer = time.perf_counter()
    meter = Meter(torch.device("cpu"))
    inner = time.perf_counter()
    time.sleep(0.01)
    meter.mark("update")
    meter.mark("pack")
    time.sleep(0.02)
    least = time.perf_counter() - inner
    meter.mark("forward")
    most = time.perf_counter() - outer
    first = meter.read()
    assert first["forward"] >= 0.02 and first["update"] >= 0.01 and first["backward"] == 0
    assert least <= sum(first.values()) <= most
    time.sleep(0.05)
    outer = time.perf_counter()
    meter.restart()
    meter.mark("pack")
    assert sum(meter.read().values()) <= time.perf_counter() - outer
