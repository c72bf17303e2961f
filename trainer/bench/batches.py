"""Packed batches of random tokens with the lengths of the plan's steps."""

from collections.abc import Sequence

import torch

from trainer.bench.shape import Shape
from trainer.sft.data import TokenStore, store_of
from trainer.sft.pack import PackedBatch, pack
from trainer.sft.template import Sample

# s1K's samples have some 960 tokens of prompt and answer beside traces of 4,699 (recipes/s1-32b.yaml), so at
# most a tenth of a sample is prompt, which has no label.
PROMPT_SHARE = 0.1


def random_store(lengths: Sequence[int], vocabulary_size: int, *, seed: int = 0) -> TokenStore:
    generator = torch.Generator().manual_seed(seed)
    return store_of(
        [
            Sample(
                ids=torch.randint(vocabulary_size, (length,), generator=generator).tolist(),
                num_prompt=max(1, int(PROMPT_SHARE * length)),
            )
            for length in lengths
        ]
    )


def share_of_group(lengths: Sequence[int], shape: Shape, device: torch.device) -> PackedBatch:
    """The first rank's share of what a group is given in a step: its samples, filled up to a multiple
    of tokens."""
    # The run's longest sample is in no batch here, but attention is told of it in each.
    store = random_store([*lengths, max(shape.longest_sample, *lengths)], shape.vocabulary_size)
    return pack(
        store,
        list(range(len(lengths))),
        global_batch=2 * len(lengths),
        device=device,
        multiple=shape.multiple,
        document_multiple=shape.document_multiple,
        num_shares=shape.sequence_parallel,
    )
