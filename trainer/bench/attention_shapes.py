"""Attention in the shapes of many steps: what a kernel that plans again for each shape costs a run.

Nearly every step of s1K has its own numbers of tokens and documents and its own longest document; filled up
as the trainer does, they share a few. A bench that repeats one shape after a warm-up cannot see what the
first call with a shape takes.
"""

import statistics
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from trainer.bench.clock import Lap, Repeats, median_laps
from trainer.bench.report import Cell, Table
from trainer.bench.shape import COMPUTE, Shape
from trainer.sft.attention import Attend, Documents, documents
from trainer.sft.filler import filler_lengths

COLUMNS = {
    "heads (query/KV)": "",
    "kernel": "",
    "filled up": "",
    "steps": "d",
    "shapes": "d",
    "first ms": ".3f",
    "again ms": ".3f",
    "slowest first ms": ".3f",
    "first calls more, s": ".3f",
}
NOTE = (
    "Forward and backward of the plan's first steps, in turn and then again; medians over the steps. What "
    "first calls take more, the first blocks of a run's steps take. Where documents are not filled up, one "
    "is added for all tokens that are missing, and the longest is each step's own."
)
ONCE = Repeats(warmup=0, timed=1)
FLASH = "FlashAttention"


def measure(shape: Shape, heads: tuple[int, int], device: torch.device, attend: Attend) -> list[list[Cell]]:
    """A row for each kernel and way to fill up."""
    kernels = {"torch's choice": attend, FLASH: flash_only(attend)}
    if device.type != "cuda":
        del kernels[FLASH]
    ways: dict[str, Callable[[Sequence[int], Shape, torch.device], Documents]] = {
        "tokens": own_shape,
        "tokens and documents": trained_shape,
    }
    return [
        [f"{heads[0]}/{heads[1]}", kernel, way, *_figures(shape, heads, device, kernels[kernel], ways[way])]
        for kernel in kernels
        for way in ways
    ]


def table(rows: list[list[Cell]]) -> Table:
    return Table("Many shapes", COLUMNS, rows, NOTE)


def own_shape(lengths: Sequence[int], shape: Shape, device: torch.device) -> Documents:
    filler = filler_lengths(lengths, multiple=shape.multiple, document_multiple=1)
    return documents([*lengths, *filler], device)


def trained_shape(lengths: Sequence[int], shape: Shape, device: torch.device) -> Documents:
    """As `trainer.sft.pack` lays the samples of these lengths out."""
    filler = filler_lengths(lengths, multiple=shape.multiple, document_multiple=shape.document_multiple)
    return documents([*lengths, *filler], device, at_most=max(shape.longest_sample, shape.multiple))


def flash_only(attend: Attend) -> Attend:
    def attend_by_flash(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            return attend(q_TNH, k_TKH, v_TKH, docs)

    return attend_by_flash


def _figures(
    shape: Shape,
    heads: tuple[int, int],
    device: torch.device,
    attend: Attend,
    lay_out: Callable[[Sequence[int], Shape, torch.device], Documents],
) -> list[Cell]:
    layouts = [lay_out(lengths, shape, device) for lengths in shape.step_lengths]
    most = max(docs.cu_seqlens[-1] for docs in layouts)
    inputs = [
        torch.randn(most, count, shape.arch.head_size, device=device).to(COMPUTE)
        for count in (heads[0], heads[1], heads[1])
    ]
    first, again = ([_seconds(inputs, docs, device, attend) for docs in layouts] for _ in "12")
    shapes = {(docs.cu_seqlens[-1], len(docs.cu_seqlens), docs.at_most) for docs in layouts}
    middles = [1e3 * statistics.median(seconds) for seconds in (first, again)]
    return [len(layouts), len(shapes), *middles, 1e3 * max(first), sum(first) - sum(again)]


def _seconds(inputs: Sequence[Tensor], docs: Documents, device: torch.device, attend: Attend) -> float:
    leaves = [x[: docs.cu_seqlens[-1]].detach().requires_grad_() for x in inputs]

    def run(lap: Lap) -> None:
        out_TNH = attend(leaves[0], leaves[1], leaves[2], docs)
        torch.autograd.grad(out_TNH, leaves, torch.ones_like(out_TNH))
        lap("both")

    return median_laps(run, device, ONCE)["both"]
