"""The rows of the plan against accelerate itself, which shares out the samples of s1's trainer."""

import torch
from accelerate.data_loader import (  # type: ignore[import-untyped]
    BatchSamplerShard,
    SeedableRandomSampler,
    prepare_data_loader,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import BatchSampler, DataLoader, RandomSampler

from trainer.sft import plan

Indices = list[list[list[int]]]
"""Epoch, step, rank: index of the sample."""


def ours(num_samples: int, *, epochs: int, ranks: int, seed: int) -> Indices:
    rows = plan.rows(num_samples=num_samples, epochs=epochs, global_batch=ranks, seed=seed)
    return [[list(row.samples) for row in rows if row.epoch == epoch] for epoch in range(epochs)]


def theirs(num_samples: int, *, epochs: int, ranks: int, seed: int) -> Indices:
    """What each of `ranks` processes draws, in batches of one."""
    shards = []
    for rank in range(ranks):
        sampler = SeedableRandomSampler(range(num_samples), data_seed=seed)
        batches = BatchSampler(sampler, batch_size=1, drop_last=False)
        shards.append(BatchSamplerShard(batches, num_processes=ranks, process_index=rank, even_batches=True))
    return [
        [list(map(only, step)) for step in zip(*(list(shard) for shard in shards), strict=True)]
        for _ in range(epochs)
    ]


def only(batch: list[int]) -> int:
    [index] = batch
    return index


def test_rank_r_of_each_step_of_s1_takes_the_rows_rth_sample() -> None:
    expected = theirs(1000, epochs=5, ranks=16, seed=42)
    assert [len(epoch) for epoch in expected] == [63] * 5
    assert ours(1000, epochs=5, ranks=16, seed=42) == expected


@settings(max_examples=60)
@given(
    num_samples=st.integers(1, 120),
    epochs=st.integers(1, 3),
    ranks=st.integers(1, 40),
    seed=st.integers(0, 2**32 - 5),
)
def test_any_number_of_samples_ranks_and_epochs_is_drawn_in_accelerates_order(
    num_samples: int, epochs: int, ranks: int, seed: int
) -> None:
    shape = {"epochs": epochs, "ranks": ranks, "seed": seed}
    assert ours(num_samples, **shape) == theirs(num_samples, **shape)


def test_the_loaders_that_transformers_trainer_asks_accelerate_for_draw_the_same_rows() -> None:
    # Trainer sets torch's seed, hands over a loader with a RandomSampler, and names each epoch.
    loaders = []
    for rank in range(16):
        torch.manual_seed(42)
        loader = DataLoader(range(1000), batch_size=1, sampler=RandomSampler(range(1000)))  # type: ignore[arg-type, var-annotated]
        loaders.append(
            prepare_data_loader(
                loader, num_processes=16, process_index=rank, even_batches=True, use_seedable_sampler=True
            )
        )
    found: Indices = []
    for epoch in range(5):
        for loader in loaders:
            loader.set_epoch(epoch)
        drawn = [[int(batch) for batch in loader] for loader in loaders]
        found.append([list(step) for step in zip(*drawn, strict=True)])
    assert ours(1000, epochs=5, ranks=16, seed=42) == found
