from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.parse import parse
from trainer.sft import layout
from trainer.sft.data import store_of
from trainer.sft.plan import Row
from trainer.sft.template import Sample
from trainer.spec import JobSpec, RecomputeLimit, World
from trainer.tests.jobs import specification


def spec_of(changes: dict[str, Any] | None = None) -> JobSpec:
    spec: JobSpec = parse(JobSpec, specification(changes), "spec")
    return spec


LIMITS = [RecomputeLimit("none", 100), RecomputeLimit("selective", 300), RecomputeLimit("full", None)]


@pytest.mark.parametrize(
    ("tokens", "mode"),
    [(1, "none"), (100, "none"), (101, "selective"), (300, "selective"), (301, "full"), (10**9, "full")],
)
def test_a_step_recomputes_the_least_that_fits_its_tokens(tokens: int, mode: str) -> None:
    assert layout.recompute_mode(replace(spec_of(), recompute=LIMITS), tokens) == mode


@pytest.mark.parametrize(
    ("changes", "multiple"),
    [
        ({}, 1),
        ({"sequenceParallel": 4}, 4),
        ({"device": "cuda", "sequenceParallel": 8}, 1024),
        ({"recipe.training.compile": True, "sequenceParallel": 2}, 256),
    ],
)
def test_shares_are_whole_tiles_where_kernels_are_made_for_tiles(
    changes: dict[str, Any], multiple: int
) -> None:
    assert layout.token_multiple(spec_of(changes)) == multiple


@given(
    lengths=st.lists(st.integers(2, 500), min_size=8, max_size=16),
    groups=st.integers(1, 8),
    shared=st.sampled_from([1, 2, 4]),
)
def test_the_fullest_group_decides_for_all_and_padding_is_less_than_a_multiple_each(
    lengths: list[int], groups: int, shared: int
) -> None:
    store = store_of([Sample([1] * length, 1) for length in lengths])
    spec = replace(
        spec_of(),
        world=World(nodes=groups, devices_per_node=shared),
        sequence_parallel=shared,
        recompute=LIMITS,
    )
    row = Row(step=1, epoch=0, samples=tuple(range(len(lengths))))
    found = layout.lay_out(row, store, spec)
    assert sorted(sample for group in found.groups for sample in group) == list(row.samples)
    assert len(found.groups) == groups and all(found.groups)
    assert (found.num_tokens, found.num_labels) == (sum(lengths), sum(lengths) - len(lengths))
    tokens = [sum(lengths[sample] for sample in group) for group in found.groups]
    padded = [-(-count // shared) * shared for count in tokens]
    assert found.padded_tokens == sum(padded) - sum(tokens) < groups * shared
    assert found.recompute == layout.recompute_mode(spec, max(padded) // shared)
