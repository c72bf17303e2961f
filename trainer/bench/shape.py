"""What is measured: s1-32b as planned, or the same at a size that a CPU does in a minute.

The tiny shape's figures mean nothing; it proves that the command runs.
"""

from dataclasses import dataclass, replace

import torch

from trainer.bench.clock import Repeats
from trainer.bench.plan_data import Case, PlanData
from trainer.spec import Architecture, RecomputeMode

MODES: tuple[RecomputeMode, ...] = ("none", "gate", "selective", "full")
TINY_DIVISOR = 64
TINY_STEPS = 6


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    arch: Architecture
    """The whole model's; with `vocabulary_size`."""
    slice_layers: int
    sequence_parallel: int
    multiple: int
    """A group's tokens are filled up to a multiple of this."""
    document_multiple: int
    """And its documents to one of this."""
    longest_sample: int
    """Tokens of the run's longest sample."""
    step_lengths: tuple[list[int], ...]
    """Tokens of each sample of the slowest group, by step."""
    step_layers: int
    """Blocks of the model that whole steps are taken with, its states and its optimizer's."""
    cases: tuple[Case, ...]
    tokens_by_step: tuple[int, ...]
    """On each rank of the slowest group."""
    checked_lengths: tuple[int, ...]
    """Documents on which attention is compared with its reference: the reference in fp32 holds all scores."""
    compiled_modes: tuple[RecomputeMode, ...]
    repeats: Repeats
    small_arch: Architecture
    """Of the model that is trained beside another trainer."""
    small_modes: tuple[RecomputeMode, ...]
    small_rounds: int

    @property
    def slice_arch(self) -> Architecture:
        return replace(self.arch, layers=self.slice_layers)

    @property
    def step_arch(self) -> Architecture:
        return replace(self.arch, layers=self.step_layers)

    @property
    def case_compared(self) -> Case:
        """The step that is trained beside another trainer."""
        return next(case for case in self.cases if case.name == "median")

    @property
    def vocabulary_size(self) -> int:
        assert self.arch.vocabulary_size is not None
        return self.arch.vocabulary_size

    @property
    def head_counts(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Query and key/value heads of the model, and of one of the ranks that share a sequence."""
        query, key_value = self.arch.query_heads, self.arch.key_value_heads
        return (query, key_value), (query // self.sequence_parallel, key_value // self.sequence_parallel)


def as_planned(plan: PlanData) -> Shape:
    arch = plan.spec.recipe.model.architecture
    return Shape(
        name="s1-32b",
        arch=arch,
        slice_layers=plan.slice_layers,
        sequence_parallel=plan.spec.sequence_parallel,
        multiple=plan.spec.sequence_parallel * plan.token_multiple,
        document_multiple=plan.document_multiple,
        longest_sample=plan.longest_sample,
        step_lengths=tuple(plan.step_lengths),
        step_layers=plan.slice_layers // 2,
        cases=tuple(plan.cases),
        tokens_by_step=tuple(plan.tokens_by_step),
        checked_lengths=(1, 17, 128, 1155, 700, 2048),
        compiled_modes=MODES,
        repeats=Repeats(warmup=2, timed=7),
        # Qwen2.5-0.5B: the largest published size of which 80 GB hold a step that recomputes nothing.
        small_arch=replace(
            arch,
            layers=24,
            hidden_size=896,
            query_heads=14,
            key_value_heads=2,
            head_size=64,
            feed_forward_size=4864,
            tied_embeddings=True,
            vocabulary_size=151_936,
        ),
        small_modes=MODES,
        small_rounds=2,
    )


def tiny(plan: PlanData) -> Shape:
    arch = replace(
        plan.spec.recipe.model.architecture,
        layers=4,
        hidden_size=128,
        query_heads=8,
        key_value_heads=4,
        head_size=16,
        feed_forward_size=160,
        vocabulary_size=512,
    )
    return Shape(
        name="tiny",
        arch=arch,
        slice_layers=2,
        sequence_parallel=4,
        multiple=32,
        document_multiple=plan.document_multiple,
        longest_sample=plan.longest_sample // TINY_DIVISOR,
        step_lengths=tuple(
            [length // TINY_DIVISOR for length in lengths] for lengths in plan.step_lengths[:TINY_STEPS]
        ),
        step_layers=1,
        cases=tuple(_shortened(case, 4) for case in plan.cases),
        tokens_by_step=tuple(tokens // TINY_DIVISOR for tokens in plan.tokens_by_step),
        checked_lengths=(1, 17, 40, 64),
        compiled_modes=("selective",),
        repeats=Repeats(warmup=1, timed=2),
        small_arch=replace(arch, tied_embeddings=True),
        small_modes=("none", "full"),
        small_rounds=1,
    )


def shape_named(name: str, plan: PlanData) -> Shape:
    return tiny(plan) if name == "tiny" else as_planned(plan)


def _shortened(case: Case, ranks: int) -> Case:
    lengths = [length // TINY_DIVISOR for length in case.lengths]
    return replace(case, lengths=lengths, tokens_per_rank=-(-sum(lengths) // ranks))


# What blocks compute in; masters are fp32.
COMPUTE = torch.bfloat16
