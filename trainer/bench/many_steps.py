"""Whole optimizer steps of a slice of the model over the samples of the run's first steps, and again.

The code that trains, on one of the ranks that share a sequence: forward, backward, clipping and update. What
parts that repeat one shape cannot see is in the first round: graphs, kernels that are chosen by shape, and
an allocator that has not met the largest step.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import torch.distributed as dist

from trainer.bench.batches import share_of_group
from trainer.bench.clock import synchronize
from trainer.bench.one_rank import spec_with
from trainer.bench.report import Cell, Check, Part, Table
from trainer.bench.shape import Shape
from trainer.bench.slice_model import fill_randomly, share_heads
from trainer.sft.blocks import num_graphs
from trainer.sft.layout import recompute_mode
from trainer.sft.meter import Meter
from trainer.sft.pack import PackedBatch
from trainer.sft.ranks import Ranks
from trainer.sft.step import Loop, learn
from trainer.sft.train import build
from trainer.spec import Job, JobSpec, RecomputeMode

RATE = 1e-5
COLUMNS = {
    "round": "",
    "steps": "d",
    "token counts": "d",
    "median s": ".4f",
    "mean s": ".4f",
    "slowest s": ".4f",
    "all s": ".2f",
}
NOTE = (
    "{layers} blocks with embedding and head, {parameters:.2f} G parameters, all on one device: update and "
    "head weigh more than in a run. What the first round takes more than the second, a run takes once."
)


def measure(shape: Shape, spec: JobSpec, ranks: Ranks, group: dist.ProcessGroup) -> Part:
    """`spec`: of a lone rank, with the plan's ways to recompute."""
    of_slice = spec_with(spec, shape.step_arch, compiled=ranks.device.type == "cuda")
    batches = [share_of_group(lengths, shape, ranks.device) for lengths in shape.step_lengths]
    modes = [recompute_mode(spec, len(batch.ids_T)) for batch in batches]
    with tempfile.TemporaryDirectory() as folder:
        job = Job(of_slice, digest="", work=Path(folder), stage="train", attempt=1, index=0, reached_step=0)
        trained = build(job, shape.vocabulary_size, ranks, attend=share_heads(shape, group))
        fill_randomly(trained.model)
        # No checkpoint is begun, so none can fail.
        loop = Loop(of_slice, trained, ranks, Meter(ranks.device), save_failed=lambda: False)
        first = [_seconds(loop, batch, mode) for batch, mode in zip(batches, modes, strict=True)]
        graphs = num_graphs()
        again = [_seconds(loop, batch, mode) for batch, mode in zip(batches, modes, strict=True)]
    counts = {len(batch.ids_T) for batch in batches}
    rows: list[list[Cell]] = [
        [
            name,
            len(seconds),
            len(counts),
            median(seconds),
            sum(seconds) / len(seconds),
            max(seconds),
            sum(seconds),
        ]
        for name, seconds in (("first", first), ("second", again))
    ]
    note = NOTE.format(layers=shape.step_arch.layers, parameters=trained.num_parameters / 1e9)
    checks = [Check("graphs compiled in the second round", num_graphs() - graphs, 0)]
    return Part("Steps", [Table("Whole steps, each of another shape", COLUMNS, rows, note)], checks)


def _seconds(loop: Loop, batch: PackedBatch, mode: RecomputeMode) -> float:
    synchronize(loop.ranks.device)
    started = time.perf_counter()
    figures = learn(loop, batch, mode, rate=RATE)
    synchronize(loop.ranks.device)
    assert figures.finite, figures
    return time.perf_counter() - started
