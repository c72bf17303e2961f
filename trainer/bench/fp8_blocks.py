"""One block with its products in FP8 beside the same in bf16: what that gains, and how far it is off."""

import torch
import torch.distributed as dist
from torch import Tensor, nn

from trainer.bench.clock import median_laps
from trainer.bench.report import Cell, Check, Failure, Part, Table, attempt, failed_row
from trainer.bench.shape import Shape
from trainer.bench.slice_model import SliceStep, bare_blocks, slice_step
from trainer.sft.blocks import compile_blocks, recompute
from trainer.sft.fp8 import Fp8Linear
from trainer.sft.model import CausalLM
from trainer.spec import RecomputeMode

MODE: RecomputeMode = "selective"
# A product of random numbers is off by 4% of its norm (trainer/tests/test_fp8.py); blocks add up a few of
# them. A scale that is applied twice, or along the wrong axis, is off by more than the norm itself.
TOLERANCE = 0.25
COLUMNS = {
    "step": "",
    "tokens a rank": "d",
    "bf16 ms": ".3f",
    "FP8 ms": ".3f",
    "bf16 / FP8": ".3f",
}
NOTE = (
    f"Forward and backward of one block on one rank, compiled on a GPU, recompute {MODE}; the casts are part "
    "of it. The plan expects products at 54% of FP8's peak and casts at 2.5 TB/s."
)


def measure(shape: Shape, device: torch.device, group: dist.ProcessGroup) -> Part:
    models = [bare_blocks(shape, device, group, linear=linear) for linear in (nn.Linear, Fp8Linear)]
    models[1].load_state_dict(models[0].state_dict())
    steps = [slice_step(case, shape, device) for case in shape.cases]
    for model in models:
        recompute(model, [MODE])
        if device.type == "cuda":
            compile_blocks(model)
    rows: list[list[Cell]] = []
    for step in steps:
        first: list[Cell] = [step.case.name, step.num_tokens]
        times = attempt(lambda step=step: [_seconds(step, model, shape, device) for model in models])  # type: ignore[misc]
        if isinstance(times, Failure):
            rows.append(failed_row(first, times, len(COLUMNS)))
            continue
        wide, narrow = times
        rows.append([*first, 1e3 * wide, 1e3 * narrow, wide / narrow])
    found = attempt(lambda: [steps[0].results(model, MODE) for model in models])
    checks = [] if isinstance(found, Failure) else [_check(*found)]
    return Part("FP8", [Table("One block in FP8", COLUMNS, rows, NOTE)], checks)


def _seconds(step: SliceStep, model: CausalLM, shape: Shape, device: torch.device) -> float:
    seconds = median_laps(step.runner(model, MODE), device, shape.repeats)
    return (seconds["forward"] + seconds["backward"]) / shape.slice_layers


def _check(wide: list[Tensor], narrow: list[Tensor]) -> Check:
    worst = max(float((b - a).norm() / a.norm()) for a, b in zip(wide, narrow, strict=True))
    name = "FP8: output and gradients against bf16; largest relative difference (L2)"
    return Check(name, worst, TOLERANCE)
