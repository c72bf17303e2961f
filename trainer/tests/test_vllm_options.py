"""How vLLM lies on devices, and is started. test/plan/vllm-spread.test.ts has the same table of spreads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluate.vllm_options import Spread, spread, vllm_options


@pytest.mark.parametrize(
    ("devices", "heads", "key_value_heads", "feed_forward_size", "lies"),
    [
        # Qwen2.5-32B, 7B and 0.5B, and SmolLM2-135M, from their config.json.
        (8, 40, 8, 27648, Spread(8, 1)),
        (8, 28, 4, 18944, Spread(4, 2)),
        (8, 14, 2, 4864, Spread(2, 4)),
        (8, 9, 3, 1536, Spread(1, 8)),
        (1, 40, 8, 27648, Spread(1, 1)),
        # Four key/value heads are repeated over eight devices; three could not be.
        (8, 32, 4, 11008, Spread(8, 1)),
        (8, 40, 8, 27646, Spread(2, 4)),
    ],
)
def test_all_devices_work(
    devices: int, heads: int, key_value_heads: int, feed_forward_size: int, lies: Spread
) -> None:
    assert spread(devices, heads, key_value_heads, feed_forward_size) == lies


@given(st.integers(1, 16), st.integers(1, 8), st.integers(1, 8), st.integers(1, 4096))
def test_no_device_is_left_over_and_every_part_is_whole(
    devices: int, group: int, key_value_heads: int, feed_forward_size: int
) -> None:
    lies = spread(devices, group * key_value_heads, key_value_heads, feed_forward_size)
    assert lies.tensor_parallel * lies.replicas == devices
    assert (group * key_value_heads) % lies.tensor_parallel == 0
    assert feed_forward_size % lies.tensor_parallel == 0


def test_on_gpus_it_is_started_over_all_of_them_with_the_share_of_memory_that_plans_count_with() -> None:
    command = " ".join(vllm_options(Spread(4, 2), device="cuda", tokens=32768, at_once=128, token_bytes=1))
    assert command == (
        "--dtype bfloat16 --max-model-len 32768 --max-num-seqs 128 --seed 0 --tensor-parallel-size 4 "
        "--data-parallel-size 2 --enable-prefix-caching --generation-config vllm "
        "--gpu-memory-utilization 0.9"
    )


def test_on_processors_it_is_one_copy_in_fp32_that_compiles_nothing() -> None:
    options = vllm_options(Spread(1, 1), device="cpu", tokens=500, at_once=4, token_bytes=1024)
    assert options[:2] == ["--dtype", "float32"]
    assert "--enforce-eager" in options
    # Four blocks of 128 for each sequence, and one to spare.
    assert options[-2:] == ["--kv-cache-memory-bytes", str(4 * 5 * 128 * 1024)]
    assert not {"--data-parallel-size", "--gpu-memory-utilization"} & set(options)
