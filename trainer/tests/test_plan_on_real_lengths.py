"""Balance on the trace lengths that s1 publishes; skipped where its figures' points are not at hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.sft import plan
from trainer.spec import Architecture

POINTS = Path(__file__).parents[2].parent / "shared" / "data" / "s1-figure-points.json"
QWEN_32B = Architecture(64, 5120, 40, 8, 128, 27648, False, 1e6, 1e-6, 32_768)
# Question and answer, as the recipes have them beside the trace.
DATASETS = [("trace_length_hist_s1K_gemini", 960), ("trace_length_hist_s1K_1_1_r1", 1000)]
# All ways to put 16 samples into two groups; the last sample is always in the second.
FIRST_GROUPS = (np.arange(2**15)[:, None] >> np.arange(15) & 1).astype(np.float64)


def costs_of_an_epoch(histogram: str, other_tokens: int, seed: int) -> list[list[int]]:
    """For each of 63 steps, the costs of its 16 samples, with lengths drawn from the histogram's bins."""
    if not POINTS.is_file():
        pytest.skip(f"{POINTS} is not there")
    draw = np.random.default_rng(seed)
    bins = json.loads(POINTS.read_text())[histogram]
    drawn = np.concatenate([draw.integers(each["lo"], each["hi"], each["count"]) for each in bins])
    costs = [plan.sample_cost(int(length) + other_tokens, QWEN_32B) for length in drawn]
    assert len(costs) == 1000
    rows = plan.rows(num_samples=1000, epochs=1, global_batch=16, seed=seed)
    return [[costs[sample] for sample in row.samples] for row in rows]


def loads(costs: list[int], num_groups: int) -> list[int]:
    groups = plan.split(range(len(costs)), costs, num_groups)
    return [sum(costs[place] for place in group) for group in groups]


@pytest.mark.parametrize(("histogram", "other_tokens"), DATASETS)
@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_step_is_within_one_per_cent_of_the_best_split_and_an_epoch_idles_less(
    histogram: str, other_tokens: int, seed: int
) -> None:
    epoch = costs_of_an_epoch(histogram, other_tokens, seed)
    # Exact to 1e-15 of a load: far finer than what is asserted.
    first = np.array(epoch, dtype=np.float64)[:, :15] @ FIRST_GROUPS.T
    total = np.array([sum(costs) for costs in epoch], dtype=np.float64)[:, None]
    best = np.maximum(first, total - first).min(axis=1)
    highest = np.array([max(loads(costs, 2)) for costs in epoch], dtype=np.float64)
    assert (highest >= best * (1 - 1e-12)).all()
    assert (highest <= best * 1.01).all()
    idle = 1 - total.sum() / 2 / highest.sum()
    assert idle <= 0.01


@pytest.mark.parametrize(("histogram", "other_tokens"), DATASETS)
def test_two_groups_beat_sixteen_ranks_of_one_sample_each(histogram: str, other_tokens: int) -> None:
    epoch = costs_of_an_epoch(histogram, other_tokens, seed=1)

    def idle(num_groups: int) -> float:
        all_loads = [loads(costs, num_groups) for costs in epoch]
        mean = sum(sum(each) / num_groups for each in all_loads)
        return 1 - mean / sum(max(each) for each in all_loads)

    # One sample a rank is what s1 ran; no split of whole samples over 16 ranks can be better.
    assert idle(16) > 0.25
    assert idle(4) < 0.04
    assert idle(2) < 0.001
