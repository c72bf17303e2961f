import json
import math
from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.sft import plan
from trainer.spec import Architecture

COUNTS = st.integers(1, 200)
# Read by the control plane's tests, too: both languages split alike.
SPLITS = json.loads((Path(__file__).parent / "golden" / "splits.json").read_text())


@given(num=st.integers(0, 700), seed=st.integers(0, 2**32 - 1))
def test_randperm_equals_torch(num: int, seed: int) -> None:
    assert (
        plan.randperm(num, seed=seed)
        == torch.randperm(num, generator=torch.Generator().manual_seed(seed)).tolist()
    )


@given(num_samples=COUNTS, epochs=st.integers(1, 4), batch=st.integers(1, 40))
def test_every_epoch_holds_each_sample_once_and_then_wraps_to_its_own_first(
    num_samples: int, epochs: int, batch: int
) -> None:
    rows = plan.rows(num_samples=num_samples, epochs=epochs, global_batch=batch, seed=42)
    assert [row.step for row in rows] == list(range(1, len(rows) + 1))
    for epoch in range(epochs):
        drawn = [sample for row in rows if row.epoch == epoch for sample in row.samples]
        assert len(drawn) == math.ceil(num_samples / batch) * batch
        assert sorted(drawn[:num_samples]) == list(range(num_samples))
        assert all(sample == drawn[place % num_samples] for place, sample in enumerate(drawn))


def test_s1k_takes_315_steps_with_16_of_warm_up() -> None:
    rows = plan.rows(num_samples=1000, epochs=5, global_batch=16, seed=42)
    assert len(rows) == 315
    assert plan.warmup_steps(steps=315, ratio=0.05) == 16
    # Fact of accelerate's even_batches: the 63rd batch is 8 fresh samples and the first 8 of the epoch's
    # order.
    assert rows[62].samples[8:] == rows[0].samples[:8]


@given(labels=st.lists(st.integers(1, 30_000), min_size=1, max_size=64))
def test_token_weights_of_a_step_add_up_to_one(labels: list[int]) -> None:
    total = math.fsum(n * plan.token_weight(global_batch=len(labels), num_labels=n) for n in labels)
    assert math.isclose(total, 1.0, abs_tol=1e-12)


@st.composite
def steps(draw: st.DrawFn) -> tuple[list[int], int]:
    """Costs of a step's samples, often equal and some far apart, and a number of groups."""
    top = draw(st.sampled_from([3, 12, 50, 10**16]))
    costs = draw(st.lists(st.integers(1, top), min_size=1, max_size=18))
    return costs, draw(st.integers(1, min(5, len(costs))))


@settings(max_examples=200)
@given(step=steps())
def test_split_keeps_every_sample_once_in_groups_that_go_by_falling_cost(step: tuple[list[int], int]) -> None:
    costs, num_groups = step
    groups = plan.split(range(len(costs)), costs, num_groups)
    assert len(groups) == num_groups and all(groups)
    assert sorted(place for group in groups for place in group) == list(range(len(costs)))
    for group in groups:
        assert group == sorted(group, key=lambda place: (-costs[place], place))


@settings(max_examples=300)
@given(step=steps())
def test_split_makes_the_exchanges_that_its_description_names(step: tuple[list[int], int]) -> None:
    costs, num_groups = step
    assert plan.split(range(len(costs)), costs, num_groups) == split_as_described(costs, num_groups)


def split_as_described(costs: list[int], num_groups: int) -> list[list[int]]:
    """The words of plan.split's docstring, one by one: every exchange is tried."""
    in_order = sorted(range(len(costs)), key=lambda place: (-costs[place], place))
    groups: list[list[int]] = [[] for _ in range(num_groups)]

    def load(places: Iterable[int]) -> int:
        return sum(costs[place] for place in places)

    def choices(group: list[int], fewest: int) -> list[tuple[int, ...]]:
        return [choice for size in range(fewest, 3) for choice in combinations(group, size)]

    for place in in_order:
        min(groups, key=load).append(place)
    while True:
        high = max(groups, key=load)
        if Fraction(load(high)) <= Fraction(sum(costs), num_groups) * Fraction(1025, 1024):
            return groups
        exchanges = [
            (low, gift, back)
            for low in groups
            if low is not high
            for gift in choices(high, 1)
            for back in choices(low, 0)
        ]

        def higher(
            exchange: tuple[list[int], tuple[int, ...], tuple[int, ...]], high: list[int] = high
        ) -> int:
            low, gift, back = exchange
            moved = load(gift) - load(back)
            return max(load(high) - moved, load(low) + moved)

        best = min(exchanges, key=higher, default=None)
        if best is None or higher(best) >= load(high):
            return groups
        low, gift, back = best
        kept, grown = {*high, *back} - {*gift}, {*low, *gift} - {*back}
        high[:] = [place for place in in_order if place in kept]
        low[:] = [place for place in in_order if place in grown]


@pytest.mark.parametrize("case", SPLITS, ids=lambda case: case["why"])
def test_split_gives_the_golden_cases(case: dict[str, Any]) -> None:
    assert plan.split(case["samples"], case["costs"], case["groups"]) == case["split"]


@given(costs=st.lists(st.integers(1, 30), min_size=2, max_size=7))
def test_split_in_two_is_never_above_the_bound_of_longest_first(costs: list[int]) -> None:
    loads = [sum(costs[sample] for sample in group) for group in plan.split(range(len(costs)), costs, 2)]
    subsets = (sum(c for bit, c in enumerate(costs) if mask >> bit & 1) for mask in range(2 ** len(costs)))
    best = min(max(load, sum(costs) - load) for load in subsets)
    # Graham 1969: longest first on m machines is at most 4/3 - 1/(3m) of the optimum.
    assert max(loads) <= best * 7 / 6 + 1e-9


def test_split_treats_repeated_samples_of_a_wrapped_batch_as_two() -> None:
    assert plan.split([5, 5, 7, 7], [2, 2, 1, 1], 2) == [[5, 7], [5, 7]]


def test_cost_of_the_32b_shape_is_forward_flops_of_its_blocks() -> None:
    arch = Architecture(64, 5120, 40, 8, 128, 27648, False, 1e6, 1e-6, 32768)
    # 487.6M weights a block: 2 * 64 * 487.6M FLOP a token, and 2 * 64 * 5120 a token pair.
    assert math.isclose(plan.sample_cost(1, arch), 2 * 64 * 487.6e6, rel_tol=1e-3)
    quadratic = plan.sample_cost(2000, arch) - 2000 * plan.sample_cost(1, arch)
    assert math.isclose(quadratic, 2 * 64 * 5120 * 2000**2, rel_tol=1e-3)
