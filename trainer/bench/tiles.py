"""The feed-forward part of a block at token counts around a whole tile: what it would save to fill up less.

The trainer fills a rank's tokens up to a multiple of 128. Kernels that compute whole tiles of so many rows
take as long for a few rows less; if they take less here, smaller multiples are worth their many shapes.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from trainer.bench.clock import Lap, median_laps
from trainer.bench.plan_data import PlanData
from trainer.bench.report import Cell, Failure, Part, Table, attempt, failed_row
from trainer.bench.shape import COMPUTE, Shape
from trainer.bench.slice_model import fill_randomly
from trainer.sft.attention import attend
from trainer.sft.model import Block

STEP = 32
COLUMNS = {"tokens a rank": "d", "below a whole tile": "d", "ms": ".4f", "of the whole tile's": ".4f"}
NOTE = "Norm, three products and SwiGLU, forward and backward, compiled on a GPU; the median step's tokens."


def measure(plan: PlanData, shape: Shape, device: torch.device) -> Part:
    with torch.device("meta"):
        block = Block(shape.arch, attend, nn.Linear).to(COMPUTE)
    block.to_empty(device=device)
    fill_randomly(block)
    whole = shape.case_compared.tokens_per_rank
    run = torch.compile(block.fed_forward, dynamic=True) if device.type == "cuda" else block.fed_forward
    rows: list[list[Cell]] = []
    reference: float | None = None
    for below in range(0, plan.token_multiple, STEP):
        first: list[Cell] = [whole - below, below]
        seconds = attempt(partial(_seconds, run, block, whole - below, shape, device))
        if isinstance(seconds, Failure):
            rows.append(failed_row(first, seconds, len(COLUMNS)))
            continue
        reference = reference or seconds
        rows.append([*first, 1e3 * seconds, seconds / reference])
    return Part("Tiles", [Table("Around a whole tile", COLUMNS, rows, NOTE)])


def _seconds(
    run: Callable[[Tensor], Tensor], block: Block, tokens: int, shape: Shape, device: torch.device
) -> float:
    x_TD = torch.randn(tokens, shape.arch.hidden_size, device=device).to(COMPUTE).requires_grad_()
    grad_TD = torch.randn_like(x_TD)

    def once(lap: Lap) -> None:
        run(x_TD).backward(grad_TD)
        lap("both")
        x_TD.grad = None
        block.zero_grad(set_to_none=True)

    return median_laps(once, device, shape.repeats)["both"]
