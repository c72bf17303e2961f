"""What a kill leaves behind is taken up again; what it tore is not believed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trainer import manifest
from trainer.evaluate.__main__ import RECORDS, evaluate
from trainer.evaluate.asking import Unit, batches
from trainer.evaluate.journal import Journal
from trainer.tests.evaluations import GENERATED, benchmark, evaluate_job, evaluation
from trainer.tests.jobs import environment

SEVEN = [{"benchmark": "sums", "question": place, "text": f"é {place}"} for place in range(7)]
RESTS_ON = {"spec": "sha256:1"}


def filled(path: Path) -> Path:
    with Journal(path, RESTS_ON) as journal:
        for record in SEVEN:
            journal.append([record])
    return path


def found(path: Path, rests_on: dict[str, Any] = RESTS_ON) -> list[Any]:
    with Journal(path, rests_on) as journal:
        return journal.records


def test_records_are_found_again_by_whoever_rests_on_the_same(tmp_path: Path) -> None:
    path = filled(tmp_path / "a" / "records.jsonl")
    assert found(path) == SEVEN
    assert found(path, {"spec": "sha256:2"}) == []
    assert found(path) == [], "they were begun again for another"


def test_whatever_byte_it_ends_at_whole_records_are_kept_and_others_can_follow(tmp_path: Path) -> None:
    content = filled(tmp_path / "whole.jsonl").read_bytes()
    path = tmp_path / "cut.jsonl"
    for size in range(0, len(content), 7):
        path.write_bytes(content[:size])
        whole = content[:size].count(b"\n") - 1
        kept = found(path)
        assert kept == SEVEN[: max(0, whole)]
        with Journal(path, RESTS_ON) as journal:
            journal.append(SEVEN[len(kept) :])
        assert path.read_bytes() == content


def test_a_record_with_one_flipped_bit_is_asked_again(tmp_path: Path) -> None:
    path = filled(tmp_path / "records.jsonl")
    content = bytearray(path.read_bytes())
    lines = bytes(content).splitlines(keepends=True)
    for place in (5, 90, len(lines[3]) - 3):
        changed = bytearray(lines[3])
        changed[place] ^= 1
        path.write_bytes(b"".join([*lines[:3], bytes(changed), *lines[4:]]))
        assert found(path) == [*SEVEN[:2], *SEVEN[3:]]


def test_what_is_decoded_together_is_the_same_before_and_after_a_kill() -> None:
    units = [Unit(question, sample) for question in range(5) for sample in range(3)]
    whole = batches(5, 3, set(), 4)
    assert [unit for batch in whole for unit in batch] == units and len(whole) == 4
    assert batches(5, 3, set(units), 4) == []
    assert batches(5, 3, set(units) - {Unit(1, 2)}, 4) == [whole[1]]


KILLED = """
import os, signal, sys
from trainer.evaluate import journal
from trainer.evaluate.__main__ import evaluate
from trainer.load_job import load_any_job

class Torn:
    '''The journal's file, in which the second write of this life is its last, torn or whole.'''
    def __init__(self, file):
        self.file, self.writes = file, 0
    def write(self, content):
        self.writes += 1
        if self.writes == 2:
            torn = os.environ["TORN"] == "yes"
            self.file.write(content[: len(content) // 2] if torn else content)
            self.file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.file.write(content)
    def __getattr__(self, name):
        return getattr(self.file, name)

opened = journal.Journal.__init__
def torn(self, *arguments):
    opened(self, *arguments)
    self._file = Torn(self._file)
journal.Journal.__init__ = torn

lives = 0
while True:
    lives += 1
    child = os.fork()
    if child == 0:
        evaluate(load_any_job())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status == 0:
        break
    assert os.WTERMSIG(status) == signal.SIGKILL and lives < 40, status
print(lives)
"""


@pytest.mark.parametrize("torn", ["yes", "no"])
@pytest.mark.parametrize("drawn", [{}, {"temperature": 1.0, "samples": 2}], ids=["greedy", "drawn"])
def test_kill_9_at_every_record_gives_the_digest_of_an_evaluation_that_was_left_alone(
    run: Path, torn: str, drawn: dict[str, Any]
) -> None:
    changes = evaluation(benchmark("digits", {**GENERATED, "samples": 7}), batch=2, **drawn)
    variables = {**environment(run, "evaluate", changes), "OMP_NUM_THREADS": "1", "TORN": torn}
    told = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    batches_of_two = 4 if not drawn else 7
    # Each life but the last ends at its second batch, of which a torn one keeps its first line at most.
    lives = int(told.stdout.splitlines()[-1])
    assert lives >= batches_of_two // 2 and (torn == "no" or lives >= batches_of_two - 1)
    killed = manifest.sha256(run / "work" / "evaluation" / "manifest.json")
    rows = (run / "work" / "evaluation" / "samples.jsonl").read_text().splitlines()
    assert len(rows) == 7 * 2 * drawn.get("samples", 1)
    assert not (run / "work" / RECORDS).exists()
    manifest_of = run / "work" / "evaluation" / "manifest.json"
    manifest_of.unlink()
    evaluate(evaluate_job(run, changes))
    assert manifest.sha256(manifest_of) == killed
    assert all(json.loads(row)["tokens"] for row in rows)
