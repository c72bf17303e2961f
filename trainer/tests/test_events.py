from pathlib import Path
from typing import Any

import pytest

from trainer.events import TAIL_BYTES, Events, last_reported_step
from trainer.spec import Job
from trainer.tests.jobs import job


def report_step(events: Events, step: int) -> None:
    events.step(
        step=step,
        steps=9,
        loss=1.0,
        token_loss=1.0,
        learning_rate=1e-5,
        gradient_norm=1.0,
        tokens=100,
        padded_tokens=0,
        mfu=0.4,
        hfu=0.4,
        planned_mfu=0.4,
        recompute="none",
        memory_bytes=1,
        phase_seconds={"forward": 1.0},
    )


def names(of: Job) -> list[str]:
    return sorted(path.name for path in (of.work / "events").iterdir())


def test_each_life_of_an_attempt_has_a_file_of_its_own(tmp_path: Path) -> None:
    of = job(tmp_path, "train", JOB_COMPLETION_INDEX="1", STINT_ATTEMPT="2")
    for message in ("first", "second", "third"):
        Events(of).note(message)
    assert names(of) == ["train-a2-1.2.jsonl", "train-a2-1.3.jsonl", "train-a2-1.jsonl"]
    assert "first" in (of.work / "events" / "train-a2-1.jsonl").read_text()
    assert "third" in (of.work / "events" / "train-a2-1.3.jsonl").read_text()
    Events(of, speaks=False).note("nothing")
    assert len(names(of)) == 3


def test_the_highest_step_of_all_earlier_lives_is_known(tmp_path: Path) -> None:
    def later(**more: Any) -> Job:
        return job(tmp_path, "train", **more)

    assert last_reported_step(later()) == 0
    first = Events(later())
    for step in (1, 2, 7):
        report_step(first, step)
    report_step(Events(later()), 4)
    Events(later(STINT_ATTEMPT="2")).phase("loading")
    assert last_reported_step(later(STINT_ATTEMPT="3")) == 7
    assert last_reported_step(job(tmp_path, "evaluate")) == 0


@pytest.mark.parametrize("end", ['{"event": "st', '{"event": "step", "at": 1, "step": 8, "st', ""])
def test_a_line_that_was_cut_by_the_end_of_its_process_is_passed_over(tmp_path: Path, end: str) -> None:
    of = job(tmp_path, "train")
    events = Events(of)
    for step in range(1, 400):
        report_step(events, step)
    path = of.work / "events" / "train-a1-0.jsonl"
    assert path.stat().st_size > TAIL_BYTES
    with path.open("a") as file:
        file.write(end)
    assert last_reported_step(of) == 399
