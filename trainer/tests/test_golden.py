"""Losses of 20 steps, which a change of the trainer must leave as they are: STINT_WRITE_GOLDEN=1 writes them.

CPUs differ in the last bits of their products and sums, so another machine's losses differ by some 1e-7.
"""

import json
import os
from pathlib import Path

import pytest

from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, prepared_job
from trainer.tests.training import on_ranks, train_on_rank

GOLDEN = Path(__file__).parent / "golden" / "losses-20.json"
TWENTY_STEPS = {
    "recipe.dataset.source": {
        "kind": "generated",
        "generator": "running-digit",
        "samples": 80,
        "seed": 1,
        "slipShare": 0.1,
        "additions": {"median": 5, "sigma": 0.6, "min": 2, "max": 20},
    },
    "recipe.training.epochs": 2,
}


@pytest.mark.parametrize(
    ("name", "num_ranks", "sequence_parallel"), [("1 rank", 1, 1), ("2 ranks, Ulysses 2", 2, 2)]
)
def test_twenty_steps_have_the_losses_that_they_had(
    tmp_path: Path, name: str, num_ranks: int, sequence_parallel: int
) -> None:
    of = on_ranks(prepared_job(tmp_path, TWENTY_STEPS), num_ranks, sequence_parallel=sequence_parallel)
    run_ranks(train_on_rank, num_ranks, of)
    losses = [event["loss"] for event in events(of) if event["event"] == "step"]
    if os.environ.get("STINT_WRITE_GOLDEN") == "1":
        golden = json.loads(GOLDEN.read_bytes()) if GOLDEN.exists() else {}
        GOLDEN.write_text(json.dumps({**golden, name: losses}, indent=2) + "\n", encoding="utf-8")
    expected = json.loads(GOLDEN.read_bytes())[name]
    assert len(losses) == 20
    assert losses == pytest.approx(expected, rel=1e-5)
