"""What the planner expects of s1-32b on 16 H100 (`s1-32b.plan.json`, made by ops/bench-plan.ts)."""

import json
from dataclasses import dataclass
from pathlib import Path

from trainer.parse import parse
from trainer.spec import JobSpec, RecomputeMode

FILE = Path(__file__).with_name("s1-32b.plan.json")


@dataclass(frozen=True, slots=True)
class Case:
    """A step of the run, by its slowest group of ranks. Seconds and bytes are by recompute mode."""

    name: str
    lengths: list[int]
    """Tokens of the group's samples."""
    tokens_per_rank: int
    """Filled up."""
    mode: RecomputeMode
    """The plan's."""
    attention_flops: float
    """Forward and backward, nothing recomputed."""
    compute_seconds: dict[str, float]
    """All blocks and the loss, without the ranks' exchanges of heads."""
    exchange_seconds: dict[str, float]
    slice_bytes: dict[str, float]
    """Peak of `slice_layers` blocks with embedding, head and gradients, unsharded states, no optimizer."""


@dataclass(frozen=True, slots=True)
class PlanData:
    spec: JobSpec
    steps: int
    devices: int
    token_multiple: int
    """A rank's tokens are a multiple of this."""
    document_multiple: int
    """A group's documents are a multiple of this."""
    longest_sample: int
    """Tokens of the run's longest sample."""
    step_flops: float
    """Model FLOPs of a mean step, all ranks together."""
    gpu_hours_of_steps: float
    attention_efficiency: float
    """Share of the peak that the plan expects of the attention kernel."""
    contention: float
    """What overlapped collectives take from computing, as a share of it."""
    tail_seconds: float
    """A step's end: clipping, the update, what is logged."""
    saved_elements_per_token: dict[str, float]
    """In each block, by recompute mode."""
    tokens_by_step: list[int]
    """On each rank of the slowest group."""
    step_lengths: list[list[int]]
    """Tokens of each sample of the slowest group in the first steps."""
    volume_bytes_per_second: float
    """Of each node, to and from the work volume: the slowest that preflight lets pass."""
    hash_bytes_per_second: float
    """Of each rank."""
    slice_layers: int
    cases: list[Case]


def load_plan() -> PlanData:
    plan: PlanData = parse(PlanData, json.loads(FILE.read_bytes()), "plan")
    return plan
