"""One optimizer step of rank 0 on fake tensors: the code that trains, with nothing behind its tensors.

Not rehearsed: compiled blocks (theirs is the eager form's work with fewer copies), kernels' own workspaces,
NCCL's buffers and the allocator's gaps between streams. The plan names these apart.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed.tensor import DTensor
from torch.nn.attention.varlen import varlen_attn

from trainer.events import StepPhase
from trainer.rehearse.attention_flops import flop_formulas
from trainer.rehearse.fake_ranks import fake_ranks
from trainer.rehearse.observe import Observer, Wait
from trainer.rehearse.storages import Peak, StorageLog
from trainer.sft.attention import Attend, attend, attend_varlen
from trainer.sft.checkpoint_state import Trained
from trainer.sft.data import store_of
from trainer.sft.deterministic import as_asked
from trainer.sft.layout import document_multiple, token_multiple
from trainer.sft.meter import Meter
from trainer.sft.pack import PackedBatch, pack
from trainer.sft.ranks import Ranks
from trainer.sft.step import Loop, learn
from trainer.sft.template import Sample
from trainer.sft.train import build
from trainer.spec import Job, JobSpec, RecomputeLimit, RecomputeMode

AFTER: dict[StepPhase, str] = {"forward": "backward", "backward": "exchange", "exchange": "update"}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one step of rank 0 takes."""

    tokens_per_rank: int
    num_labels: int
    """Of this rank's tokens."""
    peaks: list[Peak]
    """Of each phase."""
    flops: int
    collective_bytes: dict[str, int]
    waits: dict[Wait, int]

    @property
    def peak(self) -> Peak:
        """Of the whole step."""
        return max(self.peaks, key=lambda peak: peak.num_bytes)


def rehearse(spec: JobSpec, vocabulary_size: int, lengths: Sequence[int], mode: RecomputeMode) -> Rehearsed:
    """A step in which rank 0's group has samples of these lengths, all but their first tokens labelled.

    Raises StageError `configuration` where the ranks cannot share the work, and torch's
    DynamicOutputShapeException or DataDependentOutputException where a shape or a branch depends on what the
    device computes.
    """
    with fake_ranks(spec) as ranks:
        batch = batch_of(spec, lengths, ranks)
        with FakeTensorMode() as fake:
            return observe_step(spec, vocabulary_size, ranks, _faked(batch, fake), mode)


def observe_step(
    spec: JobSpec, vocabulary_size: int, ranks: Ranks, batch: PackedBatch, mode: RecomputeMode
) -> Rehearsed:
    """Builds the model and takes one step on this rank's share of a batch, on tensors of either kind."""
    training = replace(spec.recipe.training, compile=False)
    recipe = replace(spec.recipe, training=training)
    spec = replace(spec, recompute=[RecomputeLimit(mode, None)], recipe=recipe)
    log = StorageLog()
    trained = build(_job(spec), vocabulary_size, ranks, attend=_attend(spec))
    observer = Observer(log, flop_formulas(batch.docs.cu_seqlens))
    loop = Loop(spec, trained, ranks, _Phases(log, trained), save_failed=lambda: False)
    with as_asked(training), log.watching_resizes(), observer, _parts(trained, log):
        for tensor in _tensors(batch):
            log.mark(tensor, "activations")
        _mark_states(trained, log)
        learn(loop, batch, mode, rate=training.optimizer.learning_rate)
    return Rehearsed(
        tokens_per_rank=len(batch.ids_T),
        num_labels=len(batch.labelled_R),
        peaks=log.peaks(),
        flops=observer.flops,
        collective_bytes=dict(observer.collective_bytes),
        waits=dict(observer.waits),
    )


class _Phases(Meter):
    """Tells the log which part of the step comes next."""

    def __init__(self, log: StorageLog, trained: Trained) -> None:
        super().__init__(torch.device("cpu"))
        self._log = log
        self._trained = trained

    def mark(self, phase: StepPhase) -> None:
        super().mark(phase)
        if phase in AFTER:
            self._log.begin(AFTER[phase])
        if phase == "backward":
            for parameter in self._trained.model.parameters():
                if parameter.grad is not None:
                    self._log.mark(_local(parameter.grad), "gradients")


@contextmanager
def _parts(trained: Trained, log: StorageLog) -> Iterator[None]:
    """The forward pass in two: the decoder, and the loss behind it."""

    def begin(*_: object) -> None:
        log.begin("forward")

    def end(*_: object) -> None:
        log.begin("loss", "loss")

    decoder = trained.model.model
    handles = [decoder.register_forward_pre_hook(begin), decoder.register_forward_hook(end)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _mark_states(trained: Trained, log: StorageLog) -> None:
    for parameter in trained.model.parameters():
        log.mark(_local(parameter), "weights")
        moments = trained.optimizer.state[parameter]
        log.mark(_local(moments["exp_avg"]), "moments")
        log.mark(_local(moments["exp_avg_sq"]), "moments")


def batch_of(spec: JobSpec, lengths: Sequence[int], ranks: Ranks) -> PackedBatch:
    """What a rank is given of samples of these lengths.

    Documents are attended to one by one, as by a GPU's kernel: what a processor pads would count as work.
    """
    store = store_of([Sample([0] * length, 1) for length in lengths])
    batch = pack(
        store,
        range(len(lengths)),
        global_batch=spec.recipe.training.global_batch,
        device=ranks.device,
        multiple=token_multiple(spec),
        document_multiple=document_multiple(spec),
        share=ranks.index_in_group,
        num_shares=ranks.group_size,
    )
    return replace(batch, docs=replace(batch.docs, padded_T=None))


def _faked(batch: PackedBatch, fake: FakeTensorMode) -> PackedBatch:
    return PackedBatch(
        ids_T=fake.from_tensor(batch.ids_T),
        positions_T=fake.from_tensor(batch.positions_T),
        targets_T=fake.from_tensor(batch.targets_T),
        weights_T=fake.from_tensor(batch.weights_T),
        labelled_R=fake.from_tensor(batch.labelled_R),
        docs=replace(batch.docs, offsets=fake.from_tensor(batch.docs.offsets)),
    )


def _tensors(batch: PackedBatch) -> list[Tensor]:
    return [batch.ids_T, batch.positions_T, batch.targets_T, batch.weights_T, batch.labelled_R]


def _attend(spec: JobSpec) -> Attend:
    """Attention as the devices of the specification do it."""
    on_device = spec.device == "cuda" and spec.recipe.training.compute != "fp32"
    return partial(attend_varlen, varlen_attn) if on_device else attend


def _job(spec: JobSpec) -> Job:
    return Job(spec, digest="", work=Path(), stage="train", attempt=1, index=0, reached_step=0)


def _local(tensor: Tensor) -> Tensor:
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor
