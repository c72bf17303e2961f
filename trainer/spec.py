"""The job specification (`$STINT_SPEC`, orchestrator/wire/job-spec.ts) and a stage's surroundings.

A run that trains has a JobSpec, one that only evaluates an EvaluationSpec: nothing in it says how to train.

Every default is written out in the file, so there are none here. Fields that are not read are not checked.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trainer.family import ModelType
from trainer.inputs import Inputs
from trainer.thinking import S1, Thinking


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
    model_type: ModelType = "qwen2"


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
    condition: Literal["token", "step"] | None = None
    thinking: Thinking = S1


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
    compute: Literal["bf16", "fp32", "fp8-rowwise"]
    as_published: bool
    recompute: Literal["auto", "full", "selective", "gate", "none"]
    compile: bool
    checkpoint: CheckpointPolicy
    profile: Profiled | None = None
    deterministic: bool = False

    @property
    def fp8(self) -> bool:
        """Whether the blocks' products round their operands to FP8."""
        return self.compute == "fp8-rowwise"


@dataclass(frozen=True, slots=True)
class Recipe:
    model: Model
    dataset: Dataset
    training: Training
    evaluation: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """How a question is put to the model."""

    template: Literal["s1"]
    system_prompt: str | None
    control_tokens: Literal["refuse", "text"]
    thinking: Thinking = S1


@dataclass(frozen=True, slots=True)
class EvaluationRecipe:
    kind: Literal["Evaluation"]
    model: Model
    """Of a registered checkpoint its id in `repository`; its folder is in the inputs then."""
    prompt: Prompt
    evaluation: dict[str, Any]
    checkpoint: str | None = None
    """Digest under which the checkpoint is registered."""


@dataclass(frozen=True, slots=True)
class World:
    nodes: int
    devices_per_node: int

    @property
    def size(self) -> int:
        return self.nodes * self.devices_per_node


RecomputeMode = Literal["none", "gate", "selective", "full"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSpec:
    run: str
    recipe_digest: str
    inputs: Inputs
    world: World
    device: Literal["cpu", "cuda"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSpec(CommonSpec):
    recipe: EvaluationRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec(CommonSpec):
    recipe: Recipe
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonJob:
    """A stage's surroundings."""

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


@dataclass(frozen=True, slots=True)
class Job(CommonJob):
    """A stage of a run that trains: its specification and surroundings."""

    spec: JobSpec


@dataclass(frozen=True, slots=True)
class EvaluationJob(CommonJob):
    """The stage of a run that only evaluates."""

    spec: EvaluationSpec
