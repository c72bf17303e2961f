"""A rank's checkpoint and its start on a volume, by the code that trains, beside what the plan counts with.

A slice of the model whose weights and moments take what each of the plan's ranks saves of the whole (24 GB of
s1-32b on 16), and whose weights in bf16 take what each loads (4 GB).
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.distributed.tensor import DTensor

from trainer.bench.clock import synchronize
from trainer.bench.one_rank import spec_with
from trainer.bench.plan_data import PlanData
from trainer.bench.report import Cell, Check, Part, Table
from trainer.bench.shape import COMPUTE, Shape
from trainer.bench.slice_model import fill_randomly
from trainer.events import Events
from trainer.sft import weights
from trainer.sft.checkpoint import Checkpoints
from trainer.sft.checkpoint_state import Content, Trained
from trainer.sft.model import CausalLM
from trainer.sft.ranks import Ranks
from trainer.sft.read_ahead import READERS
from trainer.sft.train import build
from trainer.spec import Job, JobSpec

# The blocks alone: their states are all that a save of this size has room for.
VOCABULARY = 1
COLUMNS = {
    "what": "",
    "GB": ".3f",
    "training waits s": ".3f",
    "all s": ".3f",
    "GB/s": ".3f",
    "plan GB/s": ".3f",
}
NOTE = (
    "One rank alone on {folder}. Training waits for a save on the way until it is staged in host memory, "
    "which the first save pins; for the last save until it is written. The plan has a node's ranks share the "
    "slowest volume that preflight lets pass, {volume:.2f} GB/s, and each hash {hashed:.1f} GB/s."
)


def measure(plan: PlanData, shape: Shape, spec: JobSpec, ranks: Ranks, where: Path | None) -> Part:
    """`where`: a folder on the volume that is measured; the system's own for temporary files without it."""
    of_slice = spec_with(spec, shape.slice_arch, compiled=False)
    with tempfile.TemporaryDirectory(dir=where, prefix="stint-bench-") as name:
        work = Path(name)
        job = Job(of_slice, digest="bench", work=work, stage="train", attempt=1, index=0, reached_step=0)
        trained = build(job, VOCABULARY, ranks)
        fill_randomly(trained.model)
        saves = _saves(job, trained, plan)
        loads, check = _loads(work, trained, ranks, plan)
    note = NOTE.format(
        folder=where or tempfile.gettempdir(),
        volume=plan.volume_bytes_per_second / 1e9,
        hashed=plan.hash_bytes_per_second / 1e9,
    )
    return Part("Storage", [Table("A rank's files", COLUMNS, [*saves, *loads], note)], [check])


def _saves(job: Job, trained: Trained, plan: PlanData) -> list[list[Cell]]:
    checkpoints = Checkpoints(trained, job, rows="bench", events=Events(job, speaks=False))
    weight_bytes = trained.weight_bytes(COMPUTE)
    kinds: list[tuple[str, Content, int]] = [
        ("save on the way, the first", "state", trained.state_bytes),
        ("save on the way", "state", trained.state_bytes),
        ("last save, weights alone", "weights", weight_bytes),
    ]
    rows: list[list[Cell]] = []
    for step, (what, holds, num_bytes) in enumerate(kinds, start=1):
        started = time.perf_counter()
        checkpoints.begin(step, last=holds == "weights", holds=holds)
        begun = time.perf_counter() - started
        checkpoints.finish()
        ended = time.perf_counter() - started
        waits = ended if holds == "weights" else begun
        rows.append([what, *_row(num_bytes, waits, ended, plan.volume_bytes_per_second)])
    return rows


def _loads(work: Path, trained: Trained, ranks: Ranks, plan: PlanData) -> tuple[list[list[Cell]], Check]:
    folder = work / "model"
    folder.mkdir()
    saved = {name: local.to("cpu", COMPUTE) for name, local in _local(trained.model)}
    save_file(saved, folder / "model.safetensors")
    num_bytes = sum(tensor.nbytes for tensor in saved.values())
    rows: list[list[Cell]] = []
    for what, before in (
        ("load, not in the page cache", lambda: _forget(folder / "model.safetensors")),
        ("load again", lambda: None),
    ):
        with torch.no_grad():
            for _, local in _local(trained.model):
                local.zero_()
        seconds = _filled(trained.model, folder, ranks, before)
        rows.append([what, *_row(num_bytes, seconds, seconds, plan.volume_bytes_per_second)])
    wrong = sum(int((local.to("cpu", COMPUTE) != saved[name]).sum()) for name, local in _local(trained.model))
    return rows, Check("weights that are loaded otherwise than they were saved", wrong, 0)


def _filled(model: CausalLM, folder: Path, ranks: Ranks, before: Callable[[], object]) -> float:
    before()
    synchronize(ranks.device)
    started = time.perf_counter()
    rows = weights.from_folder(folder)
    weights.fill(model, rows, shard_index=0, num_shards=1, readers=READERS)
    synchronize(ranks.device)
    return time.perf_counter() - started


def _forget(path: Path) -> None:
    """Has the system drop what it keeps of a file, once that is written."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _local(model: CausalLM) -> list[tuple[str, torch.Tensor]]:
    return [
        (name, (each.to_local() if isinstance(each, DTensor) else each).detach())
        for name, each in model.named_parameters()
    ]


def _row(num_bytes: int, waits: float, ended: float, planned: float) -> list[Cell]:
    return [num_bytes / 1e9, waits, ended, num_bytes / ended / 1e9, planned / 1e9]
