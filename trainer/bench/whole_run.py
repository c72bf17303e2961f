"""The whole run of s1K on the plan's 16 GPUs, derived from what one GPU measured, beside the plan."""

from trainer.bench.block_times import BlockTime
from trainer.bench.derive import Points, measured_run, planned_run
from trainer.bench.plan_data import PlanData
from trainer.bench.report import Cell, Part, Table
from trainer.bench.shape import MODES, Shape
from trainer.spec import RecomputeMode

COLUMNS = {
    "recompute": "",
    "blocks": "",
    "step s": ".3f",
    "plan step s": ".3f",
    "measured / plan": ".3f",
    "GPU-hours": ".3f",
    "plan GPU-hours": ".3f",
    "MFU %": ".1f",
}


def derive(
    plan: PlanData, shape: Shape, *, blocks: list[BlockTime], head: dict[int, float], update: float
) -> Part:
    rows: list[list[Cell]] = []
    for compiled in (True, False):
        for mode in MODES:
            times = [
                (time.tokens, time.seconds)
                for time in blocks
                if (time.mode, time.compiled) == (mode, compiled)
            ]
            if len(times) > 1 and len(head) > 1:
                rows.append(_row(plan, shape, mode, compiled, times, list(head.items()), update))
    planned_mode = plan.cases[1].mode
    expected = plan.spec.expected
    note = (
        f"Step = max(({shape.arch.layers} blocks + loss) x {1 + plan.contention:.2f} for the network's "
        f"contention + exchanges of heads, {expected.network_seconds:.2f} s of weights and gradients on the "
        f"ring) + update; mean over {len(shape.tokens_by_step)} steps. The network's seconds are the plan's, "
        "not measured; embedding, logging and start-up are not in it. The plan itself has "
        f"{planned_mode}, compiled: {expected.step_seconds:.3f} s a step and {plan.gpu_hours_of_steps:.3f} "
        "GPU-hours."
    )
    if shape.name == "tiny":
        note += " At this tiny shape the figures mean nothing."
    title = f"{plan.steps} steps on {plan.devices} GPUs"
    return Part("Whole run", [Table(title, COLUMNS, rows, note)])


def _row(
    plan: PlanData,
    shape: Shape,
    mode: RecomputeMode,
    compiled: bool,
    block: Points,
    head: Points,
    update: float,
) -> list[Cell]:
    run = measured_run(
        plan,
        shape.tokens_by_step,
        mode,
        layers=shape.arch.layers,
        block=block,
        head=head,
        update_seconds=update,
    )
    # The plan counts on compiled blocks; of eager ones it expects nothing.
    planned = planned_run(plan, plan.tokens_by_step, mode) if compiled else None
    return [
        mode,
        "compiled" if compiled else "eager",
        run.step_seconds,
        None if planned is None else planned.step_seconds,
        None if planned is None else run.step_seconds / planned.step_seconds,
        run.gpu_hours,
        None if planned is None else planned.gpu_hours,
        100 * run.mfu,
    ]
