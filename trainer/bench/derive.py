"""From times of a block, the loss and the update to the GPU-hours of the whole run: arithmetic alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainer.bench.plan_data import PlanData
from trainer.spec import RecomputeMode

Points = Sequence[tuple[int, float]]
"""Tokens on a rank and seconds, two at least."""


@dataclass(frozen=True, slots=True)
class Run:
    step_seconds: float
    """Mean over all steps."""
    gpu_hours: float
    mfu: float


def measured_run(
    plan: PlanData,
    tokens_by_step: Sequence[int],
    mode: RecomputeMode,
    *,
    layers: int,
    block: Points,
    head: Points,
    update_seconds: float,
) -> Run:
    """The run that has these times on every rank, on the plan's network."""

    def compute(tokens: int) -> float:
        return layers * interpolate(block, tokens) + interpolate(head, tokens)

    return _run(plan, tokens_by_step, mode, compute, update_seconds)


def planned_run(plan: PlanData, tokens_by_step: Sequence[int], mode: RecomputeMode) -> Run:
    """The plan's own run, were every step's mode this one."""
    points = [(case.tokens_per_rank, case.compute_seconds[mode]) for case in plan.cases]

    def compute(tokens: int) -> float:
        return interpolate(points, tokens) / (1 + plan.contention)

    return _run(plan, tokens_by_step, mode, compute, plan.tail_seconds)


def interpolate(points: Points, tokens: int) -> float:
    """On the lines between neighbouring points, and on the outer lines beyond them."""
    ordered = sorted(dict(points).items())
    assert len(ordered) > 1, points
    place = next((i for i, (known, _) in enumerate(ordered) if known >= tokens), len(ordered) - 1)
    (left, below), (right, above) = ordered[max(1, place) - 1], ordered[max(1, place)]
    return below + (above - below) * (tokens - left) / (right - left)


def _run(
    plan: PlanData,
    tokens_by_step: Sequence[int],
    mode: RecomputeMode,
    compute: Callable[[int], float],
    tail_seconds: float,
) -> Run:
    exchange = [(case.tokens_per_rank, case.exchange_seconds[mode]) for case in plan.cases]
    network = plan.spec.expected.network_seconds
    steps = [
        max((1 + plan.contention) * compute(tokens) + interpolate(exchange, tokens), network) + tail_seconds
        for tokens in tokens_by_step
    ]
    mean = sum(steps) / len(steps)
    return Run(
        step_seconds=mean,
        gpu_hours=plan.steps * mean * plan.devices / 3600,
        mfu=plan.step_flops / (mean * plan.devices * plan.spec.peak_tflops * 1e12),
    )
