from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from trainer.family import ModelType
from trainer.sft import flops
from trainer.sft.blocks import recompute
from trainer.sft.data import store_of
from trainer.sft.model import CausalLM
from trainer.sft.pack import pack
from trainer.sft.template import Sample
from trainer.spec import Architecture, RecomputeMode

# Qwen2.5-32B's config.json.
LARGE = Architecture(64, 5120, 40, 8, 128, 27648, False, 1e6, 1e-6, 32768)
SMALL = Architecture(3, 32, 4, 2, 8, 48, False, 1e4, 1e-6, 512)
MODES: tuple[RecomputeMode, ...] = ("none", "selective", "full")


@pytest.mark.parametrize(("length", "pflops"), [(4096, 0.82), (8192, 1.70), (16384, 3.67), (32768, 8.40)])
def test_a_sample_of_the_32b_model_takes_what_is_published_for_its_shape(length: int, pflops: float) -> None:
    assert flops.model_flops(LARGE, 152_064, [length]) / 1e15 == pytest.approx(pflops, abs=0.006)


def test_full_recompute_adds_a_forward_pass_of_the_blocks_but_for_its_last_product() -> None:
    lengths = [5000] * 16
    forward = flops.model_flops(LARGE, 0, lengths) / 3
    down_proj = 2 * LARGE.layers * LARGE.hidden_size * LARGE.feed_forward_size * sum(lengths)
    assert flops.recomputed_flops(LARGE, lengths, "full", compiled=False) == forward - down_proj
    assert flops.recomputed_flops(LARGE, lengths, "full", compiled=True) == forward


@given(lengths=st.lists(st.integers(1, 40_000), min_size=1, max_size=32))
def test_flops_of_samples_add_up_and_each_mode_repeats_more_than_the_one_before(lengths: list[int]) -> None:
    one_by_one = sum(flops.model_flops(LARGE, 152_064, [length]) for length in lengths)
    assert flops.model_flops(LARGE, 152_064, lengths) == one_by_one
    for compiled in (False, True):
        none, selective, full = (
            flops.recomputed_flops(LARGE, lengths, mode, compiled=compiled) for mode in MODES
        )
        assert 0 == none < selective < full < one_by_one / 3


@pytest.mark.parametrize("model_type", ["qwen2", "qwen3"])
@pytest.mark.parametrize("mode", MODES)
def test_the_products_that_a_step_really_does_are_those_that_are_counted(
    mode: RecomputeMode, model_type: ModelType
) -> None:
    lengths, vocabulary = [40, 30], 97
    model = CausalLM(replace(SMALL, model_type=model_type), vocabulary)
    recompute(model, MODES)
    samples = [Sample([1] * length, 1) for length in lengths]
    batch = pack(store_of(samples), [0, 1], global_batch=2, device=torch.device("cpu"))
    with FlopCounterMode(display=False) as counter:
        model(batch, mode)[0].backward()
    done = sum(n for op, n in counter.get_flop_counts()["Global"].items() if "mm" in str(op))
    needed = flops.model_flops(SMALL, vocabulary, lengths)
    needed += flops.recomputed_flops(SMALL, lengths, mode, compiled=False)
    attention = flops.model_flops(SMALL, vocabulary, lengths) - _linear(SMALL, vocabulary, sum(lengths))
    repeated = attention // 3 if mode == "full" else 0
    # A sample's last token has no target, so the head does no product for it.
    head = 6 * SMALL.hidden_size * vocabulary * len(lengths)
    assert done == needed - attention - repeated - head


@pytest.mark.parametrize("mode", ["gate", "selective"])
def test_compiled_blocks_multiply_again_for_the_norms_of_queries_and_keys(mode: RecomputeMode) -> None:
    def repeated(arch: Architecture, compiled: bool) -> int:
        return flops.recomputed_flops(arch, [10], mode, compiled=compiled)

    normed = replace(SMALL, model_type="qwen3")
    query_and_key = 2 * 10 * SMALL.layers * SMALL.hidden_size * (4 + 2) * SMALL.head_size
    assert repeated(normed, True) == repeated(SMALL, True) + query_and_key
    assert repeated(normed, False) == repeated(SMALL, False)


def _linear(arch: Architecture, vocabulary: int, tokens: int) -> int:
    """Of so many samples of one token each, less the attention of each to itself."""
    itself = 6 * arch.layers * arch.query_heads * arch.head_size
    return flops.model_flops(arch, vocabulary, [1] * tokens) - itself * tokens
