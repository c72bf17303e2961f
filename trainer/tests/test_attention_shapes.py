"""How many shapes attention meets in a run over the trace lengths that s1 publishes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.sft import plan
from trainer.sft.attention import Documents, documents
from trainer.sft.data import TokenStore
from trainer.sft.filler import filler_lengths
from trainer.sft.layout import DOCUMENTS, TILE
from trainer.sft.pack import pack
from trainer.spec import Architecture

POINTS = Path(__file__).parents[2].parent / "shared" / "data" / "s1-figure-points.json"
QWEN_32B = Architecture(64, 5120, 40, 8, 128, 27648, False, 1e6, 1e-6, 32_768)
CPU = torch.device("cpu")
# Ranks that share a sequence on nodes of eight devices, of which there are two.
SHARED, GROUPS = 8, 2


def store_of_lengths(lengths: np.ndarray) -> TokenStore:
    """Samples of these lengths, of which each has one token of prompt."""
    offsets = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    ids = np.zeros(int(lengths.sum()), dtype=np.uint32)
    return TokenStore(ids, np.stack((offsets, lengths, np.ones_like(lengths)), axis=1))


def groups_of_a_run(histogram: str, other_tokens: int) -> tuple[TokenStore, list[list[list[int]]]]:
    """The samples, and those of each group in each of 315 steps."""
    if not POINTS.is_file():
        pytest.skip(f"{POINTS} is not there")
    draw = np.random.default_rng(1)
    bins = json.loads(POINTS.read_text())[histogram]
    drawn = np.concatenate([draw.integers(each["lo"], each["hi"], each["count"]) for each in bins])
    store = store_of_lengths(drawn.astype(np.int64) + other_tokens)
    costs = [plan.sample_cost(length, QWEN_32B) for length in store.lengths]
    rows = plan.rows(num_samples=len(costs), epochs=5, global_batch=16, seed=1)
    return store, [plan.split(row.samples, [costs[sample] for sample in row.samples], GROUPS) for row in rows]


def shape(docs: Documents) -> tuple[int, int, int]:
    """What a kernel is planned for."""
    return docs.cu_seqlens[-1], len(docs.cu_seqlens) - 1, docs.at_most


def packed(store: TokenStore, samples: list[int]) -> Documents:
    return pack(
        store,
        samples,
        global_batch=16,
        device=CPU,
        multiple=SHARED * TILE,
        document_multiple=DOCUMENTS,
        num_shares=SHARED,
    ).docs


def filled_by_one(store: TokenStore, samples: list[int]) -> Documents:
    """One document for all that is missing, and the step's own longest."""
    lengths = store.index[samples, 1].tolist()
    return documents([*lengths, *filler_lengths(lengths, multiple=SHARED * TILE, document_multiple=1)], CPU)


@pytest.mark.parametrize(
    ("histogram", "other_tokens", "at_least_before", "at_most_after"),
    [("trace_length_hist_s1K_gemini", 960, 280, 24), ("trace_length_hist_s1K_1_1_r1", 1000, 280, 72)],
)
def test_a_run_of_315_steps_meets_few_shapes_where_nearly_every_step_had_its_own(
    histogram: str, other_tokens: int, at_least_before: int, at_most_after: int
) -> None:
    store, steps = groups_of_a_run(histogram, other_tokens)
    for group in range(GROUPS):
        before = {shape(filled_by_one(store, groups[group])) for groups in steps}
        after = {shape(packed(store, groups[group])) for groups in steps}
        assert len(before) >= at_least_before
        assert len(after) <= at_most_after
    # What fills up is 1.2% of s1K's tokens, and was 1.1%.
    added = sum(packed(store, samples).cu_seqlens[-1] for groups in steps for samples in groups)
    assert added <= 1.013 * sum(
        store.lengths[sample] for groups in steps for each in groups for sample in each
    )
