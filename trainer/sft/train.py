"""The train stage: every row of the plan, one forward, one backward and one update each.

torchrun --nproc-per-node=N -m trainer.sft
"""

import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
from torch import nn

from trainer import manifest
from trainer.events import Events, last_reported_step
from trainer.failure import StageError
from trainer.model_files import model_folder
from trainer.sft import flops, optim, plan, preflight, weights
from trainer.sft.attention import Attend, attend
from trainer.sft.checkpoint import Checkpoints
from trainer.sft.checkpoint_files import folder_of
from trainer.sft.checkpoint_state import Trained, start_moments
from trainer.sft.deterministic import as_asked
from trainer.sft.fp8 import Fp8Linear
from trainer.sft.layout import Layout, lay_out
from trainer.sft.meter import Meter
from trainer.sft.model import CausalLM
from trainer.sft.parallelize import parallelize
from trainer.sft.prepared_data import PreparedData, read_prepared
from trainer.sft.ranks import Ranks, join_ranks, shorten_timeouts
from trainer.sft.read_ahead import READERS, ReadAhead
from trainer.sft.step import Figures, Loop, take_step
from trainer.sft.step_profile import StepProfile
from trainer.sft.together import together
from trainer.sft.warm_up import warm_up
from trainer.spec import Job
from trainer.stage import Outcome, heed_stop_requests
from trainer.supervise.heartbeat import Heartbeat
from trainer.supervise.pulse import Pulse
from trainer.supervise.watch import Watch


@dataclass(frozen=True, slots=True)
class Run:
    """All that a rank trains with, from its first step to its last."""

    job: Job
    data: PreparedData
    trained: Trained
    ranks: Ranks
    checkpoints: Checkpoints
    events: Events
    pulse: Pulse
    watch: Watch


def train(job: Job, ahead: ReadAhead | None = None) -> Outcome:
    """Trains to the last step, or to a stop request; returns the last checkpoint. Raises StageError.

    `ahead`: what is read of the weights already.
    """
    with as_asked(job.spec.recipe.training):
        return _train(job, ahead or ReadAhead())


def _train(job: Job, ahead: ReadAhead) -> Outcome:
    pulse = Pulse(job.spec, Heartbeat())
    pulse.loading()
    ranks = join_ranks(job.spec)
    # Before this attempt's own events are there.
    job = replace(job, reached_step=max(job.reached_step, last_reported_step(job)))
    events = Events(job, speaks=ranks.rank % job.spec.world.devices_per_node == 0)
    events.phase("loading")
    preflight.check(job, ranks, events, ahead)
    data = read_prepared(job)
    trained = build(job, data.figures["vocabularySize"], ranks)
    pulse.loading(num_parameters=trained.num_parameters)
    checkpoints = Checkpoints(trained, job, rows=data.figures["rows"], events=events)
    reached, steps = checkpoints.resume(), len(data.rows)
    if reached == 0:
        _load(trained, job, ranks, data, ahead)
    else:
        events.note(f"Goes on from the checkpoint of step {reached}.")
    ahead.close()
    run = Run(job, data, trained, ranks, checkpoints, events, pulse, Watch(job.spec, events))
    _train_rows(run, data.rows[reached:])
    digest = checkpoints.finish() or manifest.sha256(folder_of(job, steps) / manifest.NAME)
    return Outcome(f"Trained {steps} steps.", manifest=digest, step=steps)


def build(job: Job, vocabulary_size: int, ranks: Ranks, *, attend: Attend = attend) -> Trained:
    """The sharded model, its weights not set yet, and its optimizer."""
    training, arch = job.spec.recipe.training, job.spec.recipe.model.architecture
    rope_dtype = torch.bfloat16 if training.as_published else torch.float32
    linear = Fp8Linear if training.fp8 else nn.Linear
    with torch.device("meta"):
        model = CausalLM(arch, vocabulary_size, rope_dtype=rope_dtype, attend=attend, linear=linear)
    parallelize(model, job.spec, ranks)
    model.to_empty(device=ranks.device)
    trained = Trained(model=model, optimizer=optim.adamw(model, training.optimizer))
    start_moments(trained, 0)
    return trained


def _train_rows(run: Run, rows: list[plan.Row]) -> None:
    """Steps and their checkpoints; the last one's is begun when it returns. Raises StageError."""
    spec, steps = run.job.spec, len(run.data.rows)
    every = spec.recipe.training.checkpoint.every_steps
    num_parameters = run.trained.num_parameters
    meter = Meter(run.ranks.device)
    profile = StepProfile(run.job, last_step=steps) if run.ranks.rank == 0 else None
    loop = Loop(spec, run.trained, run.ranks, meter, save_failed=lambda: run.checkpoints.failed)
    for row in rows:
        run.events.phase("recomputing" if row.step <= run.job.reached_step else "training")
        layout = lay_out(row, run.data.store, spec)
        with run.pulse.step(row.step, layout.recompute), profile.step(row.step) if profile else nullcontext():
            figures = take_step(loop, layout, run.data.store, rate=_rate(run, row))
        if run.ranks.rank == 0:
            _report(run, row, layout, figures)
        if row is rows[0]:
            _settle(run)
        if not figures.finite or figures.save_failed:
            run.pulse.checkpointing(row.step, num_parameters=num_parameters)
            run.checkpoints.finish()
            optim.require_finite(loss=figures.loss, norm=figures.norm, step=row.step)
        last = figures.stop or row.step == steps
        if last or (every is not None and row.step % every == 0):
            run.pulse.checkpointing(row.step, num_parameters=num_parameters)
            run.checkpoints.begin(row.step, last=last, holds="weights" if row.step == steps else "state")
            meter.restart()
        if figures.stop and row.step < steps:
            run.checkpoints.finish()
            message = (
                f"Stopped on request after step {row.step} of {steps}; its checkpoint is saved. Start again "
                "to go on."
            )
            raise StageError("interrupted", message, step=row.step)


def _settle(run: Run) -> None:
    """After the first step."""
    # Until now there was nothing to save: a stop request ended the process.
    heed_stop_requests()
    spec = run.job.spec
    shorten_timeouts(run.ranks, step_seconds=spec.expected.step_seconds, hang_seconds=spec.hang_seconds)
    # What start-up made stays, so it need not be looked through for garbage again and again.
    gc.freeze()


def _rate(run: Run, row: plan.Row) -> float:
    return optim.learning_rate(
        row.step,
        peak=run.job.spec.recipe.training.optimizer.learning_rate,
        steps=len(run.data.rows),
        warmup=run.data.figures["warmupSteps"],
    )


def _report(run: Run, row: plan.Row, layout: Layout, figures: Figures) -> None:
    spec, seconds = run.job.spec, sum(figures.seconds.values())
    arch, training, lengths = spec.recipe.model.architecture, spec.recipe.training, layout.lengths
    needed = flops.model_flops(arch, run.data.figures["vocabularySize"], lengths)
    done = needed + flops.recomputed_flops(
        arch, lengths, layout.recompute, compiled=training.compile, fp8=training.fp8
    )
    available = flops.available(seconds, devices=spec.world.size, peak_tflops=spec.peak_tflops)
    run.events.step(
        step=row.step,
        steps=len(run.data.rows),
        loss=figures.loss,
        token_loss=figures.token_sum / layout.num_labels,
        learning_rate=_rate(run, row),
        gradient_norm=figures.norm,
        tokens=layout.num_tokens,
        padded_tokens=layout.padded_tokens,
        mfu=needed / available,
        hfu=done / available,
        planned_mfu=spec.expected.mfu,
        recompute=layout.recompute,
        memory_bytes=figures.memory_bytes,
        phase_seconds=figures.seconds,
    )
    run.watch.see(mfu=needed / available, seconds=figures.seconds)


def fill(trained: Trained, job: Job, ranks: Ranks, ahead: ReadAhead | None = None) -> None:
    """Sets the weights that training begins with."""
    rows, readers = _start(job, ahead)
    shard_index, num_shards = ranks.shard_index, ranks.num_shards
    weights.fill(trained.model, rows, shard_index=shard_index, num_shards=num_shards, readers=readers)


def _load(trained: Trained, job: Job, ranks: Ranks, data: PreparedData, ahead: ReadAhead) -> None:
    """The weights that training begins with; blocks that are compiled are compiled meanwhile."""
    with ThreadPoolExecutor(1, "load") as reader:
        reading = reader.submit(fill, trained, job, ranks, ahead)
        if job.spec.recipe.training.compile:
            loop = Loop(job.spec, trained, ranks, Meter(ranks.device), save_failed=lambda: False)
            warm_up(loop, (lay_out(row, data.store, job.spec) for row in data.rows), data.store)
        # A rank reads only its own rows, so only one may find what is wrong with them.
        together(reading.result)


def _start(job: Job, ahead: ReadAhead | None) -> tuple[weights.Rows, int]:
    """Where the weights come from, and how many may read there at once: chance is drawn in one order."""
    model = job.spec.recipe.model
    if model.kind != "scratch":
        return weights.from_folder(model_folder(job.spec, job.work), ahead), READERS
    assert model.initializer_range is not None
    seed = job.spec.recipe.training.seed
    return weights.from_scratch(initializer_range=model.initializer_range, seed=seed), 1
