"""Whole optimizer steps of this trainer: the code that trains, on weights and samples in memory."""

import tempfile
from pathlib import Path

import torch
from torch import Tensor

from trainer.bench.clock import Repeats
from trainer.bench.slice_model import fill_randomly
from trainer.bench.step_clock import StepClock, Steps
from trainer.sft import weights
from trainer.sft.data import TokenStore
from trainer.sft.layout import lay_out
from trainer.sft.meter import Meter
from trainer.sft.model import CausalLM
from trainer.sft.plan import Row
from trainer.sft.ranks import Ranks
from trainer.sft.step import Loop, take_step
from trainer.sft.train import build
from trainer.spec import Architecture, Job, JobSpec

RATE = 1e-5


def random_weights(arch: Architecture) -> dict[str, Tensor]:
    """A model's weights in host memory, by their names in Hugging Face checkpoints."""
    assert arch.vocabulary_size is not None
    with torch.device("meta"):
        model = CausalLM(arch, arch.vocabulary_size)
    model.to_empty(device="cpu")
    torch.manual_seed(0)
    fill_randomly(model)
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


def take_our_steps(
    spec: JobSpec, start: dict[str, Tensor], store: TokenStore, ranks: Ranks, repeats: Repeats
) -> Steps:
    """All samples of the store in every step. The specification has one recompute mode."""
    clock = StepClock(ranks.device, repeats)
    vocabulary_size = spec.recipe.model.architecture.vocabulary_size
    assert vocabulary_size is not None
    with tempfile.TemporaryDirectory() as folder:
        job = Job(spec, digest="", work=Path(folder), stage="train", attempt=1, index=0, reached_step=0)
        trained = build(job, vocabulary_size, ranks)
        weights.fill(
            trained.model,
            lambda name, _shape, first, end: start[name][first:end],
            shard_index=ranks.shard_index,
            num_shards=ranks.num_shards,
        )
        row = Row(step=1, epoch=0, samples=tuple(range(len(store.index))))
        layout = lay_out(row, store, spec)
        # No checkpoint is begun, so none can fail.
        loop = Loop(spec, trained, ranks, Meter(ranks.device), save_failed=lambda: False)
        losses = []
        for _ in range(repeats.warmup + repeats.timed):
            clock.begin()
            figures = take_step(loop, layout, store, rate=RATE)
            clock.end()
            losses.append(figures.token_sum / layout.num_labels)
    return clock.read(first_loss=losses[0])
