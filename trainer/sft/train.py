"""The train stage: every row of the plan, one forward, one backward and one update each.

torchrun --nproc-per-node=N -m trainer.sft
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from trainer import manifest
from trainer.events import Events
from trainer.failure import StageError
from trainer.sft import checkpoint, optim, plan, weights
from trainer.sft.checkpoint import Trained
from trainer.sft.data import TokenStore, open_store
from trainer.sft.model import CausalLM
from trainer.sft.pack import pack
from trainer.sft.parallel import join_ranks, shard
from trainer.sft.prepare import model_folder
from trainer.spec import Job
from trainer.stage import Outcome, heed_stop_requests, stop_requested


@dataclass(frozen=True, slots=True)
class PreparedData:
    store: TokenStore
    rows: list[plan.Row]
    figures: dict[str, Any]
    """prepared.json"""


def train(job: Job) -> Outcome:
    """Trains to the last step, or to a stop request; returns the last checkpoint. Raises StageError."""
    heed_stop_requests()
    device = join_ranks(job.spec)
    rank = dist.get_rank()
    events = Events(job, speaks=rank % job.spec.world.devices_per_node == 0)
    events.phase("loading")
    if rank == 0:
        _note_what_is_unused(job, events)
    data = read_prepared(job)
    trained = build(job, data.figures["vocabularySize"], device)
    rows_digest = data.figures["rows"]
    reached = checkpoint.resume(trained, job, rows=rows_digest, events=events)
    if reached == 0:
        weights.fill(trained.model, _start(job))
    else:
        events.note(f"Goes on from the checkpoint of step {reached}.")
    every = job.spec.recipe.training.checkpoint.every_steps
    steps, digest = len(data.rows), ""
    if reached == steps:
        digest = manifest.sha256(checkpoint.folder_of(job, steps) / manifest.NAME)
    for row in data.rows[reached:]:
        events.phase("recomputing" if row.step <= job.reached_step else "training")
        stop = _step(row, trained, job, data, events, device)
        if stop or row.step == steps or (every is not None and row.step % every == 0):
            digest = checkpoint.save(trained, job, step=row.step, rows=rows_digest, events=events)
        if stop and row.step < steps:
            message = (
                f"Stopped on request after step {row.step} of {steps}; its checkpoint is saved. Start again "
                "to go on."
            )
            raise StageError("interrupted", message, step=row.step)
    return Outcome(f"Trained {steps} steps.", manifest=digest or None, step=steps)


def build(job: Job, vocabulary_size: int, device: torch.device) -> Trained:
    """The sharded model, its weights not set yet, and its optimizer."""
    training, arch = job.spec.recipe.training, job.spec.recipe.model.architecture
    rope_dtype = torch.bfloat16 if training.as_published else torch.float32
    with torch.device("meta"):
        model = CausalLM(arch, vocabulary_size, rope_dtype=rope_dtype)
    shard(model, training, device)
    model.to_empty(device=device)
    return Trained(model=model, optimizer=optim.adamw(model, training.optimizer))


def read_prepared(job: Job) -> PreparedData:
    """What prepare made for this specification. Raises StageError `missing-input` or `data`."""
    folder = job.work / "data"
    listed = manifest.read(folder)
    if listed is None or listed.get("spec") != job.digest:
        state = "is not there" if listed is None else "was made for another job specification"
        raise StageError("missing-input", f"The prepared data {folder} {state}. Run the prepare stage first.")
    broken = manifest.damage(folder, listed["files"])
    if broken is not None:
        raise StageError("data", f"{broken}. Remove {folder} and run the prepare stage again.")
    figures = json.loads((folder / "prepared.json").read_bytes())
    return PreparedData(open_store(folder), _read_rows(folder / "rows.jsonl"), figures)


def _step(
    row: plan.Row, trained: Trained, job: Job, data: PreparedData, events: Events, device: torch.device
) -> bool:
    """One optimizer step; returns whether any rank was asked to stop."""
    started = time.perf_counter()
    settings = job.spec.recipe.training
    store = data.store
    num_ranks, rank = dist.get_world_size(), dist.get_rank()
    lengths = [int(store.index[sample, 1]) for sample in row.samples]
    costs = [plan.sample_cost(length, job.spec.recipe.model.architecture) for length in lengths]
    mine = plan.split(row.samples, costs, num_ranks)[rank]
    batch = pack(store, mine, global_batch=settings.global_batch, device=device)
    loss, unweighted = trained.model(batch)
    loss.backward()
    gradients = optim.local_gradients(trained.model)
    squared_norm = torch.nn.utils.get_total_norm(gradients).square()
    # All that ranks must agree on, in one small exchange: the step's only wait for the device.
    stop = torch.tensor(float(stop_requested()), device=device)
    shared = torch.stack((loss.detach(), unweighted, squared_norm, stop)).double()
    dist.all_reduce(shared)
    sample_loss, token_sum, squared_norm_sum, stops = shared.tolist()
    norm = squared_norm_sum**0.5
    rate = optim.learning_rate(
        row.step,
        peak=settings.optimizer.learning_rate,
        steps=len(data.rows),
        warmup=data.figures["warmupSteps"],
    )
    if optim.is_finite(loss=sample_loss, norm=norm):
        optim.clip(gradients, norm=norm, limit=settings.optimizer.gradient_clip)
        for group in trained.optimizer.param_groups:
            group["lr"] = rate
        trained.optimizer.step()
        trained.optimizer.zero_grad()
    num_labels = sum(int(store.index[sample, 1] - store.index[sample, 2]) for sample in row.samples)
    if rank == 0:
        events.step(
            step=row.step,
            steps=len(data.rows),
            loss=sample_loss,
            token_loss=token_sum / num_labels,
            learning_rate=rate,
            gradient_norm=norm,
            tokens=sum(lengths),
            seconds=time.perf_counter() - started,
        )
    optim.require_finite(loss=sample_loss, norm=norm, step=row.step)
    return bool(stops > 0)


def _start(job: Job) -> weights.Rows:
    model = job.spec.recipe.model
    if model.kind == "scratch":
        assert model.initializer_range is not None
        return weights.from_scratch(
            initializer_range=model.initializer_range, seed=job.spec.recipe.training.seed
        )
    return weights.from_folder(model_folder(model, job.work))


def _read_rows(path: Path) -> list[plan.Row]:
    with path.open(encoding="utf-8") as file:
        parsed = [json.loads(line) for line in file]
    return [plan.Row(step=row["step"], epoch=row["epoch"], samples=tuple(row["samples"])) for row in parsed]


def _note_what_is_unused(job: Job, events: Events) -> None:
    training = job.spec.recipe.training
    if training.compile:
        events.note(
            "training.compile is on, but this trainer does not compile blocks yet; results are the same."
        )
    if training.recompute in ("full", "selective"):
        events.note(
            f"training.recompute is {training.recompute}, but this trainer keeps all activations yet."
        )
