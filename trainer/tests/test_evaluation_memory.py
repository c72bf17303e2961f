"""What fits a device when a checkpoint is evaluated there."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluate.load_model import USABLE_SHARE, usable_bytes
from trainer.evaluate.memory import (
    FEWEST_IN_FP32,
    WORKSPACE_BYTES,
    Dtype,
    Room,
    room,
    row_bytes,
    weight_bytes,
)
from trainer.failure import StageError
from trainer.spec import Architecture

# Qwen2.5-32B and 0.5B, from their config.json.
LARGE = Architecture(64, 5120, 40, 8, 128, 27648, False, 1e6, 1e-5, 32768, 152064)
SMALL = Architecture(24, 896, 14, 2, 64, 4864, True, 1e6, 1e-6, 32768, 151936)
H100, H200 = 0.92 * 85e9, 0.92 * 150e9


def test_a_model_of_32_billion_is_decoded_in_bf16_on_one_device_and_a_small_one_in_fp32() -> None:
    assert weight_bytes(LARGE, "bf16") == 2 * 32_763_876_352
    # test/plan/evaluation.test.ts has the same table: the plan expects what is done here.
    for memory, rows in ((80 * 2**30, 9), (141e9, 49)):
        found = room(LARGE, tokens=4096, batch=64, device="cuda", usable=int(USABLE_SHARE * memory))
        assert found == Room("bf16", rows)
    assert room(SMALL, device="cuda", usable=int(H100), tokens=4096, batch=64) == Room("fp32", 64)


def test_what_fits_no_device_is_refused_with_its_size() -> None:
    with pytest.raises(StageError, match="lower maxThinkingTokens") as refused:
        room(LARGE, tokens=32768, batch=1, device="cuda", usable=int(0.92 * 48e9))
    assert refused.value.exit_class == "out-of-memory"
    assert room(LARGE, tokens=32768, batch=8, device="cpu", usable=int(8e9)) == Room("fp32", 1)


@given(st.integers(1, 32768), st.integers(1, 512), st.integers(2**32, 2**38), st.sampled_from([LARGE, SMALL]))
def test_what_is_chosen_fits_and_no_more_questions_would(
    tokens: int, batch: int, usable: int, arch: Architecture
) -> None:
    def needed(dtype: Dtype, rows: int) -> int:
        return weight_bytes(arch, dtype) + rows * row_bytes(arch, tokens, dtype) + WORKSPACE_BYTES

    try:
        found = room(arch, tokens=tokens, batch=batch, device="cuda", usable=usable)
    except StageError:
        assert needed("bf16", 1) > usable
        return
    assert needed(found.dtype, found.batch) <= usable
    assert found.batch == batch or needed(found.dtype, found.batch + 1) > usable
    assert (found.dtype == "fp32") == (needed("fp32", min(batch, FEWEST_IN_FP32)) <= usable)


def test_a_machine_has_memory_to_use() -> None:
    assert 2**20 < usable_bytes(torch.device("cpu")) < 2**50


def test_a_longer_thought_leaves_room_for_fewer_questions() -> None:
    batches = [
        room(LARGE, tokens=tokens, batch=1000, device="cuda", usable=int(H200)).batch
        for tokens in (2048, 4096, 16384)
    ]
    assert batches == sorted(batches, reverse=True) and len(set(batches)) == 3
    assert row_bytes(replace(LARGE, layers=32), 100, "fp32") < row_bytes(LARGE, 100, "fp32")
