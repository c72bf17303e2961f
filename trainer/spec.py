"""The job specification (`$STINT_SPEC`, orchestrator/wire/job-spec.ts) and a stage's environment.

Every default is written out in the file, so there are none here. Fields that Python does not read are not
checked.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trainer.failure import StageError
from trainer.inputs import Inputs
from trainer.parse import FieldError, parse


@dataclass(frozen=True, slots=True)
class Architecture:
    layers: int
    hidden_size: int
    query_heads: int
    key_value_heads: int
    head_size: int
    feed_forward_size: int
    tied_embeddings: bool
    rope_theta: float
    rms_norm_epsilon: float
    max_positions: int
    vocabulary_size: int | None = None
    """Rows of the embedding; None: as many as the tokenizer has entries."""


@dataclass(frozen=True, slots=True)
class Model:
    kind: Literal["pretrained", "scratch"]
    architecture: Architecture
    repository: str | None = None
    revision: str | None = None
    initializer_range: float | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    question: str
    trace: str
    answer: str


@dataclass(frozen=True, slots=True)
class Dataset:
    source: dict[str, Any]
    fields: Fields
    template: Literal["s1"]
    system_prompt: str | None
    over_length: Literal["refuse", "drop", "truncate"]
    control_tokens: Literal["refuse", "text"]


@dataclass(frozen=True, slots=True)
class Optimizer:
    kind: Literal["adamw"]
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float
    gradient_clip: float


@dataclass(frozen=True, slots=True)
class Schedule:
    kind: Literal["cosine"]
    warmup_ratio: float


@dataclass(frozen=True, slots=True)
class CheckpointPolicy:
    every_steps: int | None
    keep: int


@dataclass(frozen=True, slots=True)
class Profiled:
    steps: list[int]
    """The first and the last."""


@dataclass(frozen=True, slots=True)
class Training:
    sequence_length: int
    epochs: int
    global_batch: int
    optimizer: Optimizer
    schedule: Schedule
    seed: int
    compute: Literal["bf16", "fp32"]
    as_published: bool
    recompute: Literal["auto", "full", "selective", "none"]
    compile: bool
    checkpoint: CheckpointPolicy
    profile: Profiled | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    model: Model
    dataset: Dataset
    training: Training
    evaluation: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class World:
    nodes: int
    devices_per_node: int

    @property
    def size(self) -> int:
        return self.nodes * self.devices_per_node


RecomputeMode = Literal["none", "selective", "full"]


@dataclass(frozen=True, slots=True)
class RecomputeLimit:
    mode: RecomputeMode
    up_to_tokens: int | None
    """Most tokens on each rank for which this mode fits; None: any number."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the plan expects, means over all steps: the trainer's measurements stand beside it."""

    step_seconds: float
    compute_seconds: float
    """Of the slowest group, at `gemm_flops_per_second`."""
    network_seconds: float
    """Of the collectives of weights and gradients, at `ring_bytes_per_second`."""
    mfu: float
    memory_bytes: float
    """Peak of one device."""
    gemm_flops_per_second: float
    """Of one device."""
    ring_bytes_per_second: float
    """Bus bandwidth of an all-gather over all ranks, for each rank."""


@dataclass(frozen=True, slots=True)
class Floors:
    """Below any of these, preflight refuses to train (cluster profile)."""

    gemm_flops_per_second: float
    """Of the slowest device."""
    ring_bytes_per_second: float
    disk_bytes_per_second: float
    """Writing into the work folder, for each node."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    run: str
    recipe: Recipe
    recipe_digest: str
    inputs: Inputs
    world: World
    device: Literal["cpu", "cuda"]
    sequence_parallel: int
    """Ranks, neighbours on one node, that share each packed sequence."""
    sharding: Literal["full", "hybrid"]
    """hybrid: weights and states are sharded over the ranks of a node and replicated over the nodes."""
    recompute: list[RecomputeLimit]
    """By rising limit; the last has none."""
    peak_tflops: float
    expected: Expected
    floors: Floors | None
    hang_seconds: float
    """A step that takes so much longer than is expected hangs."""


@dataclass(frozen=True, slots=True)
class Job:
    """A stage's specification and surroundings."""

    spec: JobSpec
    digest: str
    """`sha256:` and the hex digest of the specification file's bytes."""
    work: Path
    """The run's folder, shared by all its stages and pods."""
    stage: str
    attempt: int
    """From 1."""
    index: int
    """Which of the stage's pods this is, from 0."""
    reached_step: int
    """Highest optimizer step that earlier attempts reported, as far as who started this one knew."""


def load_job(environment: Mapping[str, str] = os.environ) -> Job:
    """Reads the environment and the specification that it names; raises StageError `configuration`."""
    path = Path(_variable(environment, "STINT_SPEC"))
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"Cannot read the job specification {path}: {error.strerror}. STINT_SPEC must name it."
        raise StageError("configuration", message) from error
    try:
        spec = parse(JobSpec, json.loads(content), "spec")
    except ValueError as error:
        kind = "" if isinstance(error, FieldError) else "it is not JSON: "
        message = f"The job specification {path} cannot be used: {kind}{error}. Render the run again."
        raise StageError("configuration", message) from error
    return Job(
        spec=spec,
        digest="sha256:" + hashlib.sha256(content).hexdigest(),
        work=Path(_variable(environment, "STINT_WORK")),
        stage=_variable(environment, "STINT_STAGE"),
        attempt=_number(environment, "STINT_ATTEMPT", 1),
        index=_number(environment, "JOB_COMPLETION_INDEX", 0),
        reached_step=_number(environment, "STINT_REACHED_STEP", 0),
    )


def _variable(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise StageError(
            "configuration", f"The environment variable {name} is not set; a stage cannot start without."
        )
    return value


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal():
        raise StageError(
            "configuration", f"The environment variable {name} is {value!r}; expected a whole number."
        )
    return int(value)
