"""Time of one block of the model, by step, recompute mode, eager and compiled."""

from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from trainer.bench.clock import median_laps
from trainer.bench.plan_data import PlanData
from trainer.bench.report import Cell, Check, Failure, Part, Table, attempt, failed_row
from trainer.bench.shape import MODES, Shape
from trainer.bench.slice_model import SliceStep, bare_blocks, slice_step
from trainer.sft.blocks import compile_blocks, num_graphs, recompute
from trainer.sft.model import CausalLM
from trainer.spec import RecomputeMode

# Compiled blocks round less often than eager ones, each time by up to 2^-9 = 0.2%; a term that is missing or
# counted twice is off by tens of per cent.
TOLERANCE = 0.03
COLUMNS = {
    "step": "",
    "tokens a rank": "d",
    "recompute": "",
    "blocks": "",
    "forward ms": ".3f",
    "backward ms": ".3f",
    "both ms": ".3f",
    "MFU %": ".1f",
}
NOTE = (
    "One block on one rank: its slice of the tokens, in attention all of the group's tokens for its share of "
    "the heads, the exchange with itself (copies, no network). MFU counts nothing that is recomputed."
)
SAVED_COLUMNS = {
    "recompute": "",
    "blocks": "",
    "elements saved a token": ".0f",
    "plan": ".0f",
    "measured / plan": ".3f",
}
SAVED_NOTE = "What one block's forward pass leaves for its backward pass, in bf16 elements."


@dataclass(frozen=True, slots=True)
class BlockTime:
    """Forward and backward of one block."""

    tokens: int
    """On a rank, filled up."""
    mode: RecomputeMode
    compiled: bool
    seconds: float


def measure(plan: PlanData, shape: Shape, device: torch.device, group: dist.ProcessGroup) -> Part:
    model = bare_blocks(shape, device, group)
    steps = [slice_step(case, shape, device) for case in shape.cases]
    graphs_before = num_graphs()
    reference: list[Tensor] = []
    times: list[BlockTime] = []
    rows: list[list[Cell]] = []
    saved_rows: list[list[Cell]] = []
    checks: list[Check] = []
    for mode, compiled in [(mode, False) for mode in MODES] + [(mode, True) for mode in shape.compiled_modes]:
        how = "compiled" if compiled else "eager"
        recompute(model, [mode])
        if compiled:
            compile_blocks(model)
        found = attempt(lambda mode=mode: steps[0].results(model, mode))  # type: ignore[misc]
        if not isinstance(found, Failure):
            reference = reference or found
            checks.append(_check(f"{mode}, {how}", found, reference))
        del found
        saved = attempt(lambda mode=mode: steps[0].saved_elements(model, mode))  # type: ignore[misc]
        if not isinstance(saved, Failure) and saved is not None:
            planned = plan.saved_elements_per_token[mode]
            saved_rows.append([mode, how, saved, planned, saved / planned])
        for step in steps:
            first: list[Cell] = [step.case.name, step.num_tokens, mode, how]
            laps = attempt(lambda step=step, mode=mode: _laps(step, model, mode, shape, device))  # type: ignore[misc]
            if isinstance(laps, Failure):
                rows.append(failed_row(first, laps, len(COLUMNS)))
                continue
            seconds = sum(laps)
            times.append(BlockTime(step.num_tokens, mode, compiled, seconds))
            mfu = step.block_flops(shape) / seconds / (plan.spec.peak_tflops * 1e12)
            rows.append([*first, *(1e3 * lap for lap in laps), 1e3 * seconds, 100 * mfu])
    graphs = num_graphs() - graphs_before
    # Two a mode for all steps and all blocks (trainer.sft.blocks).
    checks.append(Check("graphs compiled for all modes and steps", graphs, 2 * len(shape.compiled_modes)))
    tables = [Table("One block", COLUMNS, rows, NOTE)]
    if saved_rows:
        tables.append(Table("Saved activations", SAVED_COLUMNS, saved_rows, SAVED_NOTE))
    return Part("Blocks", tables, checks, data=times)


def _laps(
    step: SliceStep, model: CausalLM, mode: RecomputeMode, shape: Shape, device: torch.device
) -> list[float]:
    seconds = median_laps(step.runner(model, mode), device, shape.repeats)
    return [seconds[lap] / shape.slice_layers for lap in ("forward", "backward")]


def _check(what: str, found: list[Tensor], reference: list[Tensor]) -> Check:
    worst = max(
        float((ours - theirs).norm() / theirs.norm()) for ours, theirs in zip(found, reference, strict=True)
    )
    name = f"{what}: output and gradients against none, eager; largest relative difference (L2)"
    return Check(name, worst, TOLERANCE)
