"""Attention in many shapes, each new once: what a kernel that plans anew for each shape costs a run.

Nearly every step of s1K has its own numbers of tokens and documents and its own longest document. A bench
that repeats one shape after a warm-up cannot see what the first call with a shape takes.
"""

import statistics
from collections.abc import Sequence

import torch
from torch import Tensor

from trainer.bench.clock import Lap, Repeats, median_laps
from trainer.bench.report import Cell, Table
from trainer.sft.attention import Attend, documents

NUM_SHAPES = 64
COLUMNS = {
    "heads (query/KV)": "",
    "shapes": "d",
    "first ms": ".3f",
    "again ms": ".3f",
    "first / again": ".2f",
    "slowest first ms": ".3f",
}
NOTE = (
    "Forward and backward of the median step with a few tokens less in each shape; medians over the shapes. "
    "What the first call with a shape takes more, every block's first call of nearly every step takes."
)
ONCE = Repeats(warmup=0, timed=1)


def measure(inputs: Sequence[Tensor], lengths: list[int], device: torch.device, attend: Attend) -> list[Cell]:
    """`inputs`: q, k and v of as many tokens as `lengths` has in all."""
    first, again = ([_seconds(inputs, varied, device, attend) for varied in _varied(lengths)] for _ in "12")
    before, after = statistics.median(first), statistics.median(again)
    heads = f"{inputs[0].shape[1]}/{inputs[1].shape[1]}"
    return [heads, NUM_SHAPES, 1e3 * before, 1e3 * after, before / after, 1e3 * max(first)]


def table(rows: list[list[Cell]]) -> Table:
    return Table(f"{NUM_SHAPES} shapes, each new once", COLUMNS, rows, NOTE)


def _varied(lengths: list[int]) -> list[list[int]]:
    """No two have the same number of tokens, and every second has another number of documents."""
    longest = lengths.index(max(lengths))
    found = []
    for number in range(NUM_SHAPES):
        varied = list(lengths)
        varied[longest] -= number
        if number % 2 == 1 and len(varied) > 1:
            last = varied.pop()
            varied[0] += last
        found.append(varied)
    return found


def _seconds(inputs: Sequence[Tensor], lengths: list[int], device: torch.device, attend: Attend) -> float:
    docs = documents(lengths, device)
    leaves = [x[: docs.cu_seqlens[-1]].detach().requires_grad_() for x in inputs]

    def run(lap: Lap) -> None:
        out_TNH = attend(leaves[0], leaves[1], leaves[2], docs)
        torch.autograd.grad(out_TNH, leaves, torch.ones_like(out_TNH))
        lap("both")

    return median_laps(run, device, ONCE)["both"]
