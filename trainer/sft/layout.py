"""How a row of the plan lies on the ranks: from row and specification alone, so the same on every rank."""

from dataclasses import dataclass

from trainer.sft import plan
from trainer.sft.data import TokenStore
from trainer.sft.filler import filler_lengths
from trainer.spec import JobSpec, RecomputeMode

# Compiled kernels and GPUs' matrix units work on whole tiles; a rank's odd tokens would make odd shapes.
TILE = 128
# Attention on GPUs sees the number of documents as part of a shape.
DOCUMENTS = 4


@dataclass(frozen=True, slots=True)
class Layout:
    groups: list[list[int]]
    """Each group's samples."""
    lengths: list[int]
    """Tokens of each of the row's samples."""
    num_labels: int
    padded_tokens: int
    """Added over all groups."""
    recompute: RecomputeMode

    @property
    def num_tokens(self) -> int:
        """Without padding."""
        return sum(self.lengths)


def token_multiple(spec: JobSpec) -> int:
    """A group's tokens are padded to a multiple of this, so that its ranks get equal shares."""
    tile = TILE if spec.device == "cuda" or spec.recipe.training.compile else 1
    return spec.sequence_parallel * tile


def document_multiple(spec: JobSpec) -> int:
    """A group's documents, those counted that fill its sequence up, are a multiple of this."""
    return DOCUMENTS if spec.device == "cuda" else 1


def lay_out(row: plan.Row, store: TokenStore, spec: JobSpec) -> Layout:
    arch, shared = spec.recipe.model.architecture, spec.sequence_parallel
    lengths, prompts = store.index[list(row.samples), 1].tolist(), store.index[list(row.samples), 2].tolist()
    costs = [plan.sample_cost(length, arch) for length in lengths]
    groups = plan.split(row.samples, costs, spec.world.size // shared)
    tokens = [int(store.index[samples, 1].sum()) for samples in groups]
    added = [
        filler_lengths(
            store.index[samples, 1].tolist(),
            multiple=token_multiple(spec),
            document_multiple=document_multiple(spec),
        )
        for samples in groups
    ]
    padded = [count + sum(filler) for count, filler in zip(tokens, added, strict=True)]
    return Layout(
        groups=groups,
        lengths=lengths,
        num_labels=sum(lengths) - sum(prompts),
        padded_tokens=sum(padded) - sum(tokens),
        recompute=recompute_mode(spec, max(padded) // shared),
    )


def recompute_mode(spec: JobSpec, tokens_per_rank: int) -> RecomputeMode:
    """The first mode that fits so many tokens. The fullest group decides for all: they wait for it anyway."""
    fitting = (
        limit.mode
        for limit in spec.recompute
        if limit.up_to_tokens is None or tokens_per_rank <= limit.up_to_tokens
    )
    return next(fitting)
