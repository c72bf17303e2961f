"""What each optimizer step holds: a pure function of sample lengths and recipe, the same for any number of
ranks.

The plan is data: `prepare` writes its rows, `train` reads them. How a row is split over the groups of ranks
follows from the row alone, so a resumed or resharded run trains on the same samples in the same steps.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

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


def sample_cost(length: int, arch: Architecture) -> int:
    """Forward FLOPs of one sample in the blocks; what balance between groups is measured by.

    Two per weight and token, and 2 * length^2 * query width for the causal half of both attention products. A
    whole number, so that loads are exact and a split is the same wherever it is worked out.
    """
    query, key_value = arch.query_heads * arch.head_size, arch.key_value_heads * arch.head_size
    weights = arch.hidden_size * (2 * query + 2 * key_value + 3 * arch.feed_forward_size)
    return arch.layers * (2 * weights * length + 2 * length**2 * query)


def split(samples: Sequence[int], costs: Sequence[int], num_groups: int) -> list[list[int]]:
    """Spreads a step's samples over groups of ranks, so that the costliest group costs as little as can be.

    `costs`, all above 0, belong to `samples` one by one. Needs at least as many samples as groups; then no
    group is empty. "In order" means by falling cost, and by place in `samples` where costs are equal.

    1. Longest first (LPT, Graham 1969): each sample, in order, goes to the group with the least load so far,
       the earliest where several have it.
    2. Exchanges, as long as one helps and the highest load is more than 1/1024 above the mean: the group with
       the highest load (the earliest where several have it) gives one or two samples to another group and
       gets none, one or two of its samples for them. The best exchange is the one after which the higher load
       of the two groups is lowest; it helps when that is below the highest load before. Ties go to the
       earlier other group, then the earlier gift, then the earlier return. Gifts and returns are numbered:
       none, each sample in order, each pair in order (by its first sample, then by its second).

    Each group's samples come out in order. On steps of 16 samples of s1K's lengths in two groups, the first
    part alone is up to 3.7% above the best split, both together 0.1% (test_plan_on_real_lengths).
    """
    assert len(samples) >= num_groups, (len(samples), num_groups)
    groups: list[list[int]] = [[] for _ in range(num_groups)]
    loads = [0] * num_groups
    for place in sorted(range(len(samples)), key=lambda place: -costs[place]):
        least = loads.index(min(loads))
        groups[least].append(place)
        loads[least] += costs[place]
    while (better := _exchanged(groups, costs)) is not None:
        groups = better
    return [[samples[place] for place in group] for group in groups]


def _exchanged(groups: list[list[int]], costs: Sequence[int]) -> list[list[int]] | None:
    """The groups after the best exchange; None when none helps or none is needed."""
    loads = [sum(costs[place] for place in group) for group in groups]
    high = loads.index(max(loads))
    # Large batches are as good as this from the start, and have too many pairs to try.
    if 1024 * (loads[high] * len(groups) - sum(loads)) <= sum(loads):
        return None
    lowest, best = loads[high], None
    for low in range(len(groups)):
        if low == high:
            continue
        returns: dict[int, tuple[int, tuple[int, ...]]] = {}
        for number, back in enumerate(((), *_ones_and_pairs(groups[low]))):
            returns.setdefault(sum(costs[place] for place in back), (number, back))
        amounts = sorted(returns)
        for gift in _ones_and_pairs(groups[high]):
            given = sum(costs[place] for place in gift)
            # Both loads would be equal if given - returned were half their difference, so the best return for
            # this gift is a neighbour of that. It is rounded up, which passes no whole number.
            ideal = -((loads[high] - loads[low] - 2 * given) // 2)
            near = bisect_left(amounts, ideal)
            for amount in sorted(amounts[max(near - 1, 0) : near + 1], key=lambda amount: returns[amount][0]):
                moved = given - amount
                higher = max(loads[high] - moved, loads[low] + moved)
                if higher < lowest:
                    lowest, best = higher, (low, gift, returns[amount][1])
    if best is None:
        return None
    low, gift, back = best
    changed = {high: {*groups[high], *back} - {*gift}, low: {*groups[low], *gift} - {*back}}
    return [
        sorted(changed.get(index, group), key=lambda place: (-costs[place], place))
        for index, group in enumerate(groups)
    ]


def _ones_and_pairs(places: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return chain(combinations(places, 1), combinations(places, 2))
