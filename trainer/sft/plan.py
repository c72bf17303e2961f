"""What each optimizer step holds: a pure function of sample lengths and recipe, the same for any number of
ranks.

The plan is data: `prepare` writes its rows, `train` reads them. How a row is split over the groups of ranks
follows from the row alone, so a resumed or resharded run trains on the same samples in the same steps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.spec import Architecture


@dataclass(frozen=True, slots=True)
class Row:
    """One optimizer step."""

    step: int
    """From 1."""
    epoch: int
    """From 0."""
    samples: tuple[int, ...]
    """Indices of the kept samples; as many as the global batch, in the order that they were drawn."""


def rows(*, num_samples: int, epochs: int, global_batch: int, seed: int) -> list[Row]:
    """The rows of a run: ceil(samples / batch) steps an epoch.

    The last batch of an epoch is filled up with the first samples of that epoch's own order, as accelerate's
    `even_batches` does (1,000 samples in batches of 16: 63 steps, 8 samples twice).
    """
    steps_per_epoch = math.ceil(num_samples / global_batch)
    result: list[Row] = []
    for epoch in range(epochs):
        order = randperm(num_samples, seed=seed + epoch)
        for index in range(steps_per_epoch):
            places = range(index * global_batch, (index + 1) * global_batch)
            samples = tuple(order[place % num_samples] for place in places)
            result.append(Row(step=len(result) + 1, epoch=epoch, samples=samples))
    return result


def randperm(num: int, *, seed: int) -> list[int]:
    """`torch.randperm(num, generator=torch.Generator().manual_seed(seed))` without loading torch.

    torch shuffles forwards with one 32-bit draw of MT19937 a place (ATen, randperm_cpu); NumPy's RandomState
    seeds the same generator the same way and promises never to change. From 2^32 / 20 on torch draws 64 bits.
    """
    assert num < 2**32 // 20, num
    draws = np.random.RandomState(seed).randint(0, 2**32, size=max(num - 1, 0), dtype=np.uint32).tolist()
    order = list(range(num))
    for place, draw in enumerate(draws):
        other = place + draw % (num - place)
        order[place], order[other] = order[other], order[place]
    return order


def warmup_steps(*, steps: int, ratio: float) -> int:
    """transformers rounds up: 5% of 315 steps are 16."""
    return math.ceil(steps * ratio)


def token_weight(*, global_batch: int, num_labels: int) -> float:
    """A labelled token's share in the step's loss: the mean over samples of each sample's token mean."""
    return 1.0 / (global_batch * num_labels)


def sample_cost(length: int, arch: Architecture) -> float:
    """Forward FLOPs of one sample in the blocks; what balance between groups is measured by.

    Two per weight and token, and 2 * length^2 * query width for the causal half of both attention products.
    """
    query, key_value = arch.query_heads * arch.head_size, arch.key_value_heads * arch.head_size
    weights = arch.hidden_size * (2 * query + 2 * key_value + 3 * arch.feed_forward_size)
    return arch.layers * (2.0 * weights * length + 2.0 * length**2 * query)


def split(samples: Sequence[int], costs: Sequence[float], num_groups: int) -> list[list[int]]:
    """Spreads a step's samples over groups: the costliest first, each to the group with the least (LPT).

    `costs` belong to `samples` one by one. Needs at least as many samples as groups; then none stays empty,
    because an empty group has the least. Ties go to the earlier sample and the earlier group.
    """
    assert len(samples) >= num_groups, (len(samples), num_groups)
    groups: list[list[int]] = [[] for _ in range(num_groups)]
    loads = [0.0] * num_groups
    for place in sorted(range(len(samples)), key=lambda place: -costs[place]):
        least = min(range(num_groups), key=loads.__getitem__)
        groups[least].append(samples[place])
        loads[least] += costs[place]
    return groups
