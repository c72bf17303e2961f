"""What goes on beside the load changes nothing that is trained, and leaves nothing behind."""

import math
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from trainer.sft.layout import Layout, lay_out
from trainer.sft.meter import Meter
from trainer.sft.prepared_data import read_prepared
from trainer.sft.ranks import join_ranks
from trainer.sft.step import Loop, take_step
from trainer.sft.train import build, fill
from trainer.sft.warm_up import MOST_ROWS, warm_up
from trainer.spec import Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import prepared_job
from trainer.tests.training import on_ranks

LIMITS = [
    {"mode": "gate", "upToTokens": 209},
    {"mode": "selective", "upToTokens": 212},
    {"mode": "full", "upToTokens": None},
]


def steps_on_rank(of: Job, warm: bool) -> tuple[list[str], list[tuple[float, float]]]:
    """The ways to recompute that were made ready; losses and norms of two steps behind that."""
    ranks = join_ranks(of.spec)
    data = read_prepared(of)
    trained = build(of, data.figures["vocabularySize"], ranks)
    loop = Loop(of.spec, trained, ranks, Meter(ranks.device), save_failed=lambda: False)
    layouts = [lay_out(row, data.store, of.spec) for row in data.rows]
    modes: list[str] = []
    trained.model.register_forward_pre_hook(lambda _module, given: modes.append(given[1]))
    if warm:
        with torch.no_grad():
            # What lies in memory before weights are there may be no number.
            for parameter in trained.model.parameters():
                parameter.fill_(math.nan)
        warm_up(loop, layouts, data.store)
        assert all(parameter.grad is None for parameter in trained.model.parameters())
    made, modes[:] = list(modes), []
    fill(trained, of, ranks)
    figures = [take_step(loop, layout, data.store, rate=1e-3) for layout in layouts[:2]]
    dist.destroy_process_group()
    return made, [(each.loss, each.norm) for each in figures]


@pytest.mark.parametrize("shared", [1, 2])
def test_a_run_that_was_made_ready_trains_to_the_bit_as_one_that_was_not(tmp_path: Path, shared: int) -> None:
    of = on_ranks(prepared_job(tmp_path, {"recompute": LIMITS}), 2, sequence_parallel=shared)
    (made, warm), _ = run_ranks(steps_on_rank, 2, of, True)
    (_, cold), _ = run_ranks(steps_on_rank, 2, of, False)
    assert warm == cold and all(math.isfinite(loss) for loss, _ in warm)
    data = read_prepared(of)
    taken = {lay_out(row, data.store, of.spec).recompute for row in data.rows}
    assert sorted(made) == sorted(taken)


def test_a_long_plan_is_not_laid_out_to_its_end(tmp_path: Path) -> None:
    of = on_ranks(prepared_job(tmp_path), 1)
    assert run_ranks(rows_looked_at, 1, of) == [MOST_ROWS]


def rows_looked_at(of: Job) -> int:
    ranks = join_ranks(of.spec)
    data = read_prepared(of)
    trained = build(of, data.figures["vocabularySize"], ranks)
    fill(trained, of, ranks)
    loop = Loop(of.spec, trained, ranks, Meter(ranks.device), save_failed=lambda: False)
    seen: list[Layout] = []

    def layouts() -> object:
        for _ in range(10 * MOST_ROWS):
            seen.append(lay_out(data.rows[0], data.store, of.spec))
            yield seen[-1]

    warm_up(loop, layouts(), data.store)  # type: ignore[arg-type]
    dist.destroy_process_group()
    return len(seen)
