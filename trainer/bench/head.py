"""Time and memory of the chunked loss over the whole vocabulary, and that it is right.

Shape suffixes: T tokens of a rank, D hidden size, V vocabulary.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.bench.batches import share_of_group
from trainer.bench.clock import Lap, median_laps, peak_bytes
from trainer.bench.plan_data import Case
from trainer.bench.report import Cell, Check, Failure, Part, Table, attempt, failed_row
from trainer.bench.shape import COMPUTE, Shape
from trainer.bench.slice_model import INITIALIZER_RANGE
from trainer.sft.loss import weighted_cross_entropy
from trainer.sft.pack import PackedBatch

# Both round the same bf16 products; sums over rows and chunks differ in order.
TOLERANCE = 0.02
COLUMNS = {
    "step": "",
    "tokens a rank": "d",
    "labels": "d",
    "forward ms": ".3f",
    "backward ms": ".3f",
    "both ms": ".3f",
    "peak GB": ".2f",
    "logits in fp32, GB": ".2f",
}
NOTE = (
    "`forward` makes the gradients, too. `peak` is what the loss adds to hidden states and head: their "
    "gradients and one chunk. `logits` is what all logits at once would take."
)


def measure(shape: Shape, device: torch.device) -> Part:
    generator = torch.Generator(device).manual_seed(0)
    size = (shape.vocabulary_size, shape.arch.hidden_size)
    head_VD = torch.randn(size, generator=generator, device=device, dtype=COMPUTE).mul_(INITIALIZER_RANGE)
    head_VD.requires_grad_()
    rows: list[list[Cell]] = []
    seconds_by_tokens: dict[int, float] = {}
    for case in shape.cases:
        hidden_TD, batch = _input(case, shape, device)
        labels = int((batch.weights_T > 0).sum())
        first: list[Cell] = [case.name, len(batch.ids_T), labels]
        found = attempt(lambda: _figures(hidden_TD, head_VD, batch, shape))  # noqa: B023 (runs at once)
        if isinstance(found, Failure):
            rows.append(failed_row(first, found, len(COLUMNS)))
            continue
        forward, backward, peak = found
        seconds_by_tokens[len(batch.ids_T)] = forward + backward
        logits = len(batch.ids_T) * shape.vocabulary_size * 4 / 1e9
        rows.append([*first, 1e3 * forward, 1e3 * backward, 1e3 * (forward + backward), peak, logits])
    checks = [_check(shape, head_VD, device)]
    title = f"Chunked loss, {shape.vocabulary_size:,} entries"
    return Part("Loss", [Table(title, COLUMNS, rows, NOTE)], checks, data=seconds_by_tokens)


def _figures(
    hidden_TD: Tensor, head_VD: Tensor, batch: PackedBatch, shape: Shape
) -> tuple[float, float, float | None]:
    def run(lap: Lap) -> None:
        loss, _ = weighted_cross_entropy(
            hidden_TD, head_VD, batch.targets_T, batch.weights_T, batch.labelled_R
        )
        lap("forward")
        torch.autograd.grad(loss, (hidden_TD, head_VD))
        lap("backward")

    seconds = median_laps(run, hidden_TD.device, shape.repeats)
    held = torch.cuda.memory_allocated(hidden_TD.device) if hidden_TD.is_cuda else 0
    peak = peak_bytes(lambda: run(lambda _: None), hidden_TD.device)
    return seconds["forward"], seconds["backward"], None if peak is None else (peak - held) / 1e9


def _check(shape: Shape, head_VD: Tensor, device: torch.device) -> Check:
    """Loss and gradients of the first rows against cross-entropy over all their logits in fp32."""
    hidden_TD, batch = _input(shape.cases[0], shape, device)
    # Past one chunk, few enough for logits, their gradient and softmax in fp32.
    rows = slice(0, 1536)
    inputs = (hidden_TD[rows].detach().requires_grad_(), head_VD)
    targets_T, weights_T = batch.targets_T[rows], batch.weights_T[rows]
    labelled_R = batch.labelled_R[batch.labelled_R < rows.stop]
    loss, _ = weighted_cross_entropy(*inputs, targets_T, weights_T, labelled_R)
    found = [loss.detach(), *torch.autograd.grad(loss, inputs)]
    logits_TV = F.linear(*inputs).float()
    nll_T = F.cross_entropy(logits_TV, targets_T, reduction="none", ignore_index=-100)
    true = (nll_T * weights_T).sum()
    wanted = [true.detach(), *torch.autograd.grad(true, inputs)]
    worst = max(
        float((ours.float() - theirs.float()).norm() / theirs.float().norm())
        for ours, theirs in zip(found, wanted, strict=True)
    )
    name = "loss and gradients against all logits in fp32; largest relative difference (L2)"
    return Check(name, worst, TOLERANCE)


def _input(case: Case, shape: Shape, device: torch.device) -> tuple[Tensor, PackedBatch]:
    batch = share_of_group(case.lengths, shape, device)
    generator = torch.Generator(device).manual_seed(1)
    size = (len(batch.ids_T), shape.arch.hidden_size)
    return torch.randn(size, generator=generator, device=device).to(COMPUTE).requires_grad_(), batch
