"""Attention of packed documents: right against its reference, and how fast.

Shape suffixes: T packed tokens, N query heads, K key/value heads, H head size.
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from trainer.bench import attention_shapes
from trainer.bench.clock import Lap, median_laps
from trainer.bench.plan_data import PlanData
from trainer.bench.report import Cell, Check, Failure, Part, Table, attempt, failed_row
from trainer.bench.shape import COMPUTE, Shape
from trainer.sft.attention import Attend, Documents, attend_each, documents, kernel_name

# As FlashAttention's own tests judge: at most a few times what rounding to bf16 costs the reference itself.
TOLERANCE = 3.0
COLUMNS = {
    "step": "",
    "documents": "d",
    "tokens": "d",
    "heads (query/KV)": "",
    "forward ms": ".3f",
    "backward ms": ".3f",
    "forward TFLOP/s": ".1f",
    "backward TFLOP/s": ".1f",
    "both, % of peak": ".1f",
}
NOTE = (
    "TFLOP/s count the causal half of each document: forward 2 N H sum(L^2), backward 2.5 times that, as "
    "FlashAttention's papers do (five products instead of two). % of peak counts backward twice, as the plan "
    "does, which expects {expected:.0f}%."
)


def measure(plan: PlanData, shape: Shape, device: torch.device, attend: Attend) -> Part:
    checks = [check for heads in shape.head_counts for check in _checks(shape, device, heads, attend)]
    rows: list[list[Cell]] = []
    for case in shape.cases[1:]:
        docs = documents(case.lengths, device)
        for heads in shape.head_counts:
            first: list[Cell] = [case.name, len(case.lengths), sum(case.lengths), "/".join(map(str, heads))]
            figures = attempt(partial(_rates, plan, shape, device, docs, heads, attend))
            if isinstance(figures, Failure):
                rows.append(failed_row(first, figures, len(COLUMNS)))
            else:
                rows.append([*first, *figures])
    title = f"Attention, {kernel_name(device)}, bf16"
    note = NOTE.format(expected=100 * plan.attention_efficiency)
    tables = [Table(title, COLUMNS, rows, note)]
    new_shapes = attempt(partial(_new_shapes, shape, device, attend))
    if not isinstance(new_shapes, Failure):
        tables.append(attention_shapes.table(new_shapes))
    return Part("Attention", tables, checks)


def _new_shapes(shape: Shape, device: torch.device, attend: Attend) -> list[list[Cell]]:
    return [
        row for heads in shape.head_counts for row in attention_shapes.measure(shape, heads, device, attend)
    ]


def _checks(shape: Shape, device: torch.device, heads: tuple[int, int], attend: Attend) -> list[Check]:
    """Largest errors of output and gradients against fp32, beside those of per-document SDPA in bf16."""
    docs = documents(list(shape.checked_lengths), device)
    inputs = _inputs(docs.cu_seqlens[-1], heads, shape.arch.head_size, device)

    exact = _results(attend_each, [x.float() for x in inputs], docs)
    rounded = _results(attend_each, inputs, docs)
    found = _results(attend, inputs, docs)
    names = ("output", "gradient of q", "gradient of k", "gradient of v")
    return [
        Check(
            f"{name} at {heads[0]}/{heads[1]} heads, largest error / largest error of bf16 SDPA",
            _largest(ours - true) / _largest(reference_error),
            TOLERANCE,
        )
        for name, ours, true, reference_error in zip(
            names, found, exact, (a - b for a, b in zip(rounded, exact, strict=True)), strict=True
        )
    ]


def _results(attend: Attend, inputs: Sequence[Tensor], docs: Documents) -> list[Tensor]:
    """Output and gradients of q, k and v, in fp32."""
    leaves = [x.detach().requires_grad_() for x in inputs]
    out_TNH = attend(leaves[0], leaves[1], leaves[2], docs)
    generator = torch.Generator(out_TNH.device).manual_seed(1)
    grad_TNH = torch.randn(out_TNH.shape, generator=generator, device=out_TNH.device)
    gradients = torch.autograd.grad(out_TNH, leaves, grad_TNH.to(out_TNH.dtype))
    return [out_TNH.detach().float(), *(gradient.float() for gradient in gradients)]


def _rates(
    plan: PlanData,
    shape: Shape,
    device: torch.device,
    docs: Documents,
    heads: tuple[int, int],
    attend: Attend,
) -> list[Cell]:
    q_TNH, k_TKH, v_TKH = (
        x.requires_grad_() for x in _inputs(docs.cu_seqlens[-1], heads, shape.arch.head_size, device)
    )
    grad_TNH = torch.randn_like(q_TNH)

    def run(lap: Lap) -> None:
        out_TNH = attend(q_TNH, k_TKH, v_TKH, docs)
        lap("forward")
        torch.autograd.grad(out_TNH, (q_TNH, k_TKH, v_TKH), grad_TNH)
        lap("backward")

    seconds = median_laps(run, device, shape.repeats)
    forward = forward_flops(docs.cu_seqlens, heads[0], shape.arch.head_size)
    both = seconds["forward"] + seconds["backward"]
    return [
        1e3 * seconds["forward"],
        1e3 * seconds["backward"],
        forward / seconds["forward"] / 1e12,
        2.5 * forward / seconds["backward"] / 1e12,
        100 * 3 * forward / both / 1e12 / plan.spec.peak_tflops,
    ]


def forward_flops(cu_seqlens: Sequence[int], num_heads: int, head_size: int) -> float:
    """Two products of L x L x H a head, of which the causal mask leaves half (Dao 2023, section 4.1)."""
    return 2.0 * num_heads * head_size * sum((end - start) ** 2 for start, end in pairwise(cu_seqlens))


def _inputs(num_tokens: int, heads: tuple[int, int], head_size: int, device: torch.device) -> list[Tensor]:
    generator = torch.Generator(device).manual_seed(0)
    counts = (heads[0], heads[1], heads[1])
    return [
        torch.randn(num_tokens, count, head_size, generator=generator, device=device).to(COMPUTE)
        for count in counts
    ]


def _largest(x: Tensor) -> float:
    return float(x.abs().max())
