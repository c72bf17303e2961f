"""One optimizer step: a forward and a backward pass over a group's samples, one exchange, one update."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from trainer.events import StepPhase
from trainer.sft import optim
from trainer.sft.checkpoint_state import Trained
from trainer.sft.data import TokenStore
from trainer.sft.layout import Layout, document_multiple, token_multiple
from trainer.sft.meter import Meter, peak_memory
from trainer.sft.pack import PackedBatch, pack
from trainer.sft.ranks import Ranks
from trainer.spec import JobSpec, RecomputeMode
from trainer.stage import stop_requested


@dataclass(frozen=True, slots=True)
class Figures:
    """What every rank knows after a step's exchange; all but the seconds are the same on all ranks."""

    loss: float
    """Mean over the step's samples of each sample's token mean."""
    token_sum: float
    """Negative log likelihood of all labelled tokens."""
    norm: float
    """Of the gradients, before clipping."""
    memory_bytes: int
    """Most that any rank held."""
    stop: bool
    """Some rank was asked to stop."""
    save_failed: bool
    """Some rank knows that the checkpoint in the background failed."""
    seconds: Mapping[StepPhase, float]
    """This rank's."""

    @property
    def finite(self) -> bool:
        return optim.is_finite(loss=self.loss, norm=self.norm)


@dataclass(frozen=True, slots=True)
class Loop:
    """What all steps of a run have in common."""

    spec: JobSpec
    trained: Trained
    ranks: Ranks
    meter: Meter
    save_failed: Callable[[], bool]
    """Whether the checkpoint in the background is known to have failed."""


def take_step(loop: Loop, layout: Layout, store: TokenStore, *, rate: float) -> Figures:
    """Trains on the samples of this rank's group; makes no update when loss or gradients are not finite."""
    batch = packed(loop, layout, store)
    loop.meter.mark("pack")
    return learn(loop, batch, layout.recompute, rate=rate)


def packed(loop: Loop, layout: Layout, store: TokenStore) -> PackedBatch:
    """This rank's share of what its group trains on."""
    ranks = loop.ranks
    return pack(
        store,
        layout.groups[ranks.group_index],
        global_batch=loop.spec.recipe.training.global_batch,
        device=ranks.device,
        multiple=token_multiple(loop.spec),
        document_multiple=document_multiple(loop.spec),
        share=ranks.index_in_group,
        num_shares=ranks.group_size,
    )


def learn(loop: Loop, batch: PackedBatch, mode: RecomputeMode, *, rate: float) -> Figures:
    """All of a step that the devices do: from this rank's share of the tokens to the update."""
    trained, meter = loop.trained, loop.meter
    loss, token_sum = trained.model(batch, mode)
    meter.mark("forward")
    loss.backward()
    meter.mark("backward")
    gradients = optim.local_gradients(trained.model)
    figures = _exchange(loop, loss, token_sum, gradients)
    if figures.finite:
        limit = loop.spec.recipe.training.optimizer.gradient_clip
        optim.clip(gradients, norm=figures.norm, limit=limit)
        optim.update(trained.optimizer, rate=rate)
    meter.mark("update")
    return figures


def _exchange(loop: Loop, loss: Tensor, token_sum: Tensor, gradients: list[Tensor]) -> Figures:
    """All that ranks must agree on, in one small exchange: the step's only wait for the device."""
    ranks, meter = loop.ranks, loop.meter
    own = torch.empty(6, dtype=torch.float64, device=ranks.device)
    own[0], own[1], own[2] = loss.detach(), token_sum, optim.squared_norm(gradients)
    # Numbers of the host are filled in by kernels: a copy from the host would be a second wait.
    own[3], own[4], own[5] = stop_requested(), loop.save_failed(), peak_memory(ranks.device)
    everyone = own.new_empty(ranks.world * 6)
    dist.all_gather_into_tensor(everyone, own)
    meter.mark("exchange")
    by_rank = everyone.view(-1, 6).tolist()
    losses, token_sums, squares, stops, failures, memories = zip(*by_rank, strict=True)
    return Figures(
        loss=sum(losses),
        token_sum=sum(token_sums),
        # Every replica has all shards.
        norm=(sum(squares) / ranks.num_replicas) ** 0.5,
        memory_bytes=int(max(memories)),
        stop=any(stops),
        save_failed=any(failures),
        seconds=meter.read(),
    )
