"""A rehearsal on fake tensors is the step that real ranks take: the same bytes, held and sent."""

import gc
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch import Tensor
from torch._subclasses.fake_tensor import DynamicOutputShapeException
from torch.utils._python_dispatch import _disable_current_modes

from trainer.failure import StageError
from trainer.rehearse import rehearsal
from trainer.rehearse.code import code_digest
from trainer.rehearse.rehearsal import Rehearsed, batch_of, observe_step, rehearse
from trainer.rehearse.storages import StorageLog
from trainer.sft.checkpoint_state import Trained
from trainer.sft.model import MLP
from trainer.sft.ranks import join_ranks
from trainer.spec import JobSpec, RecomputeMode
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import job

VOCABULARY, LENGTHS = 97, [40, 24]
# By far more than it takes until each peak was met without what a thread still holds.
STEPS = 10
MODES: tuple[RecomputeMode, ...] = ("none", "gate", "selective", "full")


def specification(folder: Path, **changes: Any) -> JobSpec:
    paths = {"recipe.training.globalBatch": 4, "recipe.training.compute": "bf16", **changes}
    return job(folder, "train", paths).spec


def spread(spec: JobSpec, *, nodes: int, devices: int, shared: int, sharding: str) -> JobSpec:
    world = replace(spec.world, nodes=nodes, devices_per_node=devices)
    return replace(spec, world=world, sequence_parallel=shared, sharding=sharding)  # type: ignore[arg-type]


def plain(found: Rehearsed) -> dict[str, Any]:
    return {
        "tokens": found.tokens_per_rank,
        "labels": found.num_labels,
        "flops": found.flops,
        "sent": found.collective_bytes,
        "peaks": [asdict(peak) for peak in found.peaks],
    }


def leave_gloos_buffers_out() -> None:
    """gloo splits what it scatters into tensors of its own, in `wait`; NCCL makes none there."""
    wait = dist.Work.wait

    def unseen(work: dist.Work, *timeout: Any) -> bool:
        with _disable_current_modes():
            return wait(work, *timeout)

    dist.Work.wait = unseen  # type: ignore[method-assign, assignment]


def begin_with_finite_weights() -> None:
    """New memory may hold what is no number, and then a step makes no update."""
    build = rehearsal.build

    def filled(*arguments: Any, **more: Any) -> Trained:
        trained = build(*arguments, **more)
        with torch.no_grad():
            for parameter in trained.model.parameters():
                parameter.fill_(0.01)
        return trained

    rehearsal.build = filled


def really(spec: JobSpec, mode: RecomputeMode) -> dict[str, Any]:
    """The same step on this rank's own tensors."""
    # What is freed late would be held longer than in a run, where memory is looked through now and then.
    gc.collect()
    leave_gloos_buffers_out()
    begin_with_finite_weights()
    ranks = join_ranks(spec)
    batch = batch_of(spec, LENGTHS, ranks)
    found = [plain(observe_step(spec, VOCABULARY, ranks, batch, mode)) for _ in range(STEPS)]
    dist.destroy_process_group()
    return least(found)


def least(found: list[dict[str, Any]]) -> dict[str, Any]:
    """A thread of gloo's lets go of what was sent a moment late: a step may hold more, never less."""
    peaks = [
        min(same, key=lambda peak: peak["num_bytes"])
        for same in zip(*(step["peaks"] for step in found), strict=True)
    ]
    assert all({**step, "peaks": peaks} == {**found[0], "peaks": peaks} for step in found)
    return {**found[0], "peaks": peaks}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("nodes", "shared", "sharding"), [(1, 1, "full"), (1, 2, "full"), (2, 1, "hybrid"), (2, 2, "hybrid")]
)
def test_what_is_rehearsed_is_what_a_real_rank_holds_computes_and_sends(
    nodes: int,
    shared: int,
    sharding: str,
    mode: RecomputeMode,
    tmp_path: Path,
) -> None:
    spec = spread(specification(tmp_path), nodes=nodes, devices=2, shared=shared, sharding=sharding)
    first, *_ = run_ranks(really, spec.world.size, spec, mode)
    rehearsed = plain(rehearse(spec, VOCABULARY, LENGTHS, mode))
    assert rehearsed == first


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("field", "value"),
    [("training.compute", "fp8-rowwise"), ("model.architecture.modelType", "qwen3")],
    ids=["products in FP8", "norms of queries and keys"],
)
def test_so_is_what_is_rehearsed_of_other_blocks(
    field: str, value: str, mode: RecomputeMode, tmp_path: Path
) -> None:
    other = specification(tmp_path, **{f"recipe.{field}": value})
    spec = spread(other, nodes=1, devices=2, shared=2, sharding="full")
    first, *_ = run_ranks(really, spec.world.size, spec, mode)
    assert plain(rehearse(spec, VOCABULARY, LENGTHS, mode)) == first


def test_the_only_wait_is_the_exchange_of_figures(tmp_path: Path) -> None:
    found = rehearse(specification(tmp_path), VOCABULARY, LENGTHS, "none")
    [(wait, numbers)] = found.waits.items()
    assert wait.where.startswith("trainer/sft/step.py:") and wait.where.endswith(" _exchange")
    assert numbers == 6


def test_a_wait_in_the_model_is_named_by_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(self: MLP, x_TD: Tensor) -> Tensor:
        assert x_TD.abs().max().item() >= 0
        out: Tensor = self.down_proj(x_TD.new_ones(len(x_TD), 48) * self.up_proj(x_TD))
        return out

    monkeypatch.setattr(MLP, "forward", forward)
    found = rehearse(specification(tmp_path), VOCABULARY, LENGTHS, "none")
    places = {wait.where.rpartition(":")[0]: wait.phase for wait in found.waits}
    assert places["trainer/tests/test_rehearse.py"] == "forward"


def test_a_shape_that_depends_on_the_devices_data_cannot_be_rehearsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forward(self: MLP, x_TD: Tensor) -> Tensor:
        out: Tensor = self.down_proj(self.up_proj(x_TD)) + (x_TD > 0).nonzero().sum()
        return out

    monkeypatch.setattr(MLP, "forward", forward)
    with pytest.raises(DynamicOutputShapeException):
        rehearse(specification(tmp_path), VOCABULARY, LENGTHS, "none")


def test_ranks_that_cannot_share_a_sequence_are_refused_as_in_a_run(tmp_path: Path) -> None:
    spec = spread(specification(tmp_path), nodes=1, devices=4, shared=4, sharding="full")
    with pytest.raises(StageError, match="key/value heads cannot be shared"):
        rehearse(spec, VOCABULARY, LENGTHS, "none")
    assert not dist.is_initialized()


def test_memory_that_is_given_up_by_a_resize_is_not_held_and_comes_back_with_the_next() -> None:
    log = StorageLog()
    with log.watching_resizes():
        first = torch.zeros(100)
        log.see(first)
        first.untyped_storage().resize_(0)
        second = torch.zeros(50)
        log.mark(second, "loss")
        first.untyped_storage().resize_(400)
        log.begin("later")
        del second
        log.begin("last")
    start, later, last = log.peaks()
    assert (start.num_bytes, start.kinds) == (600, {"activations": 400, "loss": 200})
    assert (later.num_bytes, last.num_bytes) == (600, 400)


def test_the_code_has_one_digest_that_changes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_digest()
    assert before == code_digest() and before.startswith("sha256:")
    monkeypatch.setattr("trainer.rehearse.code.PATTERNS", ("*.py",))
    assert code_digest() != before
