"""Shape suffixes: M rows, K what is summed over, N columns, T tokens."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from trainer.rehearse.rehearsal import rehearse
from trainer.sft.attention import documents
from trainer.sft.blocks import compile_blocks, recompute
from trainer.sft.fp8 import CAPABILITY, E4M3, LARGEST, Fp8Linear, product, refusal, scaled_rows
from trainer.sft.model import CausalLM, rope_angles
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.test_blocks import ARCHITECTURE, CPU, MODES, VOCABULARY, batch, learnt
from trainer.tests.training import final_weights, on_ranks, train_on_rank

# With half the distance of neighbours in e4m3, 3 bits of mantissa.
HALF_STEP = 2.0**-4
FP8 = {"recipe.training.compute": "fp8-rowwise"}
BF16 = {"recipe.training.compute": "bf16"}
# In words of 16, which FP8 kernels take.
WIDTHS = {"recipe.model.architecture.feedForwardSize": 64, "recipe.model.architecture.headSize": 16}


def rounded(x: float) -> float:
    """A number in e4m3, by hand: 4 bits of exponent from 2^-6 on, 3 of mantissa, ties to even."""
    if x == 0:
        return 0.0
    _, exponent = math.frexp(abs(x))
    step = 2.0 ** (max(exponent - 1, -6) - 3)
    # Python rounds halves to even, too.
    return round(x / step) * step


def rounded_rows(x_MK: Tensor) -> Tensor:
    """Rows as FP8 has them, scaled back, in fp64: by the largest power of two that keeps a row below 448."""
    out = x_MK.double().clone()
    for row in out:
        most = float(row.abs().max())
        scale = 2.0 ** math.floor(math.log2(448 / most)) if most else 1.0
        for place, value in enumerate(row.tolist()):
            row[place] = rounded(value * scale) / scale
    return out


def random(rows: int, columns: int, seed: int, spread: float = 4.0) -> Tensor:
    """Numbers of many magnitudes, in bf16."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, columns, generator=generator)
    return (x * torch.exp2(spread * torch.randn(rows, columns, generator=generator))).bfloat16()


@given(st.integers(0, 10**6), st.integers(-60, 60))
def test_rows_are_scaled_to_just_below_the_largest_number_and_rounded_once(seed: int, power: int) -> None:
    x_MK = random(5, 32, seed) * 2.0**power
    rounded_MK, factor_M1 = scaled_rows(x_MK)
    assert rounded_MK.dtype == E4M3 and rounded_MK.is_contiguous()
    most_M = rounded_MK.float().abs().amax(1)
    assert ((most_M >= LARGEST / 2) & (most_M <= LARGEST)).all()
    assert torch.equal(torch.frexp(factor_M1).mantissa, torch.full_like(factor_M1, 0.5))
    assert torch.equal(rounded_MK.double() * factor_M1.double(), rounded_rows(x_MK))


def test_products_and_both_gradients_are_those_of_operands_rounded_by_hand_along_what_is_summed() -> None:
    x_MK, weight_NK, grad_MN = random(32, 48, 1), random(16, 48, 2, 1.0), random(32, 16, 3)
    layer = Fp8Linear(48, 16).bfloat16()
    with torch.no_grad():
        layer.weight.copy_(weight_NK)
    x_MK.requires_grad_()
    out_MN = layer(x_MK)
    out_MN.backward(grad_MN)
    out_MN = out_MN.detach()
    given_x, found_x, found_weight = x_MK.detach(), x_MK.grad, layer.weight.grad
    assert found_x is not None and found_weight is not None and layer.bias.grad is not None
    bias = layer.bias.detach()
    expected = {
        "output": (out_MN - bias, rounded_rows(given_x) @ rounded_rows(weight_NK).T),
        "input": (found_x, rounded_rows(grad_MN) @ rounded_rows(weight_NK.T).T),
        "weight": (found_weight, rounded_rows(grad_MN.T) @ rounded_rows(given_x.T).T),
    }
    for name, (found, by_hand) in expected.items():
        # What is left is bf16's rounding of the result, and of the bias that is added to it.
        assert float((found.double() - by_hand).norm() / by_hand.norm()) < 2**-8, name
    assert torch.equal(layer.bias.grad, grad_MN.sum(0))
    plain = given_x.float() @ weight_NK.float().T
    assert 0.005 < float((out_MN - bias - plain).norm() / plain.norm()) < HALF_STEP


def test_rows_of_zeros_stay_zeros_and_what_is_no_number_is_never_lost() -> None:
    a_MK, b_NK = random(6, 32, 1), random(16, 32, 2)
    a_MK[1], a_MK[2, 3], a_MK[3, 5], a_MK[4] = 0.0, math.nan, math.inf, 1e-30
    out_MN = product(a_MK, b_NK)
    assert (out_MN[1] == 0).all() and out_MN[[0, 4, 5]].isfinite().all()
    assert not out_MN[2].isfinite().any() and not out_MN[3].isfinite().any()


def model(linear: type[nn.Linear]) -> CausalLM:
    torch.manual_seed(0)
    made = CausalLM(ARCHITECTURE, VOCABULARY, linear=linear)
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.3)
    return made.bfloat16()


def test_head_and_embedding_stay_as_they_are_and_names_too() -> None:
    wide, narrow = model(nn.Linear), model(Fp8Linear)
    assert list(wide.state_dict()) == list(narrow.state_dict())
    in_fp8 = {name for name, module in narrow.named_modules() if isinstance(module, Fp8Linear)}
    assert len(in_fp8) == 7 * 2 and all(name.startswith("model.layers.") for name in in_fp8)


def test_every_mode_learns_the_same_to_the_bit_and_near_what_bf16_learns() -> None:
    given_batch = batch([41, 7, 130])
    wide, plain = learnt(model(nn.Linear), given_batch), learnt(model(Fp8Linear), given_batch)
    assert abs(float(plain[0] / wide[0]) - 1) < 0.005 and not torch.equal(plain[0], wide[0])
    for found, expected in zip(plain, wide, strict=True):
        assert float((found - expected).norm() / expected.norm()) < 0.25
    for mode in MODES:
        prepared = model(Fp8Linear)
        recompute(prepared, MODES)
        for found, expected in zip(learnt(prepared, given_batch, mode), plain, strict=True):
            assert torch.equal(found, expected), mode


def kept(prepared: CausalLM, mode: Any, num_tokens: int) -> list[Tensor]:
    """What a block keeps for its backward pass beside its weights and angles."""
    [block, *_] = prepared.model.layers
    rope = rope_angles(torch.arange(num_tokens), 8, 1e6)
    x_TD = torch.randn(num_tokens, 32, dtype=torch.bfloat16, requires_grad=True)
    known = {tensor.untyped_storage().data_ptr() for tensor in [*prepared.parameters(), *rope]}
    found: dict[int, Tensor] = {}

    def hold(tensor: Tensor) -> Tensor:
        found.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(hold, lambda tensor: tensor):
        block(x_TD, rope, documents([num_tokens], CPU), prepared.runs[mode])
    return [tensor for place, tensor in found.items() if place not in known]


@pytest.mark.parametrize("num_tokens", [16, 512])
def test_compiled_blocks_keep_no_rounded_weight_and_no_more_than_in_bf16(num_tokens: int) -> None:
    """A weight that a graph kept rounded would be whole on every rank, in every block."""
    in_bf16, in_fp8 = model(nn.Linear), model(Fp8Linear)
    for prepared in (in_bf16, in_fp8):
        recompute(prepared, MODES)
        compile_blocks(prepared)
    weights = {weight.shape for weight in in_fp8.model.layers[0].parameters() if weight.ndim == 2}
    weights |= {weight[::-1] for weight in weights}
    for mode in MODES:
        wide, narrow = kept(in_bf16, mode, num_tokens), kept(in_fp8, mode, num_tokens)
        assert not any(tensor.dtype == E4M3 and tensor.shape in weights for tensor in narrow), mode
        # Scales, four bytes a row or column, are all that may be added.
        scales = sum(tensor.nbytes for tensor in narrow if 1 in tensor.shape)
        assert sum(tensor.nbytes for tensor in narrow) - scales <= sum(tensor.nbytes for tensor in wide), mode


def losses(of: Any) -> list[float]:
    return [event["loss"] for event in events(of) if event["event"] == "step"]


def trained(folder: Path, name: str, changes: dict[str, Any], num_ranks: int, **spread: Any) -> list[float]:
    (folder / name).mkdir()
    of = on_ranks(prepared_job(folder / name, {**WIDTHS, **changes}), num_ranks, **spread)
    run_ranks(train_on_rank, num_ranks, of, timeout=300)
    weights = final_weights(of)
    # Nothing of FP8 is in what is exported.
    assert {weight.dtype for weight in weights.values()} == {torch.bfloat16}
    return losses(of)


def test_sharded_ranks_that_share_sequences_train_as_one_and_within_a_percent_of_bf16(tmp_path: Path) -> None:
    alone = trained(tmp_path, "alone", FP8, 1)
    shared = trained(tmp_path, "shared", FP8, 2, sequence_parallel=2)
    limits = [{"mode": "gate", "upToTokens": 150}, {"mode": "selective", "upToTokens": None}]
    hybrid = trained(
        tmp_path, "hybrid", {**FP8, "recompute": limits}, 4, nodes=2, sequence_parallel=2, hybrid=True
    )
    wide = trained(tmp_path, "wide", BF16, 1)
    assert len(alone) == len(wide) > 4 and alone != wide
    for each in (shared, hybrid, wide):
        assert each == pytest.approx(alone, rel=0.01)


def test_a_rehearsal_counts_products_in_fp8_as_any_others_and_what_is_done_again_with_them(
    tmp_path: Path,
) -> None:
    spec = {
        name: job(tmp_path, "train", {**WIDTHS, **changes}).spec
        for name, changes in (("fp8", FP8), ("bf16", BF16))
    }
    found = {name: rehearse(of, 97, [40, 24], "selective") for name, of in spec.items()}
    down = 2 * 64 * 64 * 32 * 2
    assert found["fp8"].flops - found["bf16"].flops == down
    assert found["fp8"].collective_bytes == found["bf16"].collective_bytes
    assert [wait.where for wait in found["fp8"].waits] == [wait.where for wait in found["bf16"].waits]


def test_a_device_without_fp8_is_refused_by_its_capability_and_what_to_change() -> None:
    told = refusal((8, 0))
    assert told is not None and "compute capability 8.0" in told and "8.9 or more" in told
    assert "training.compute to bf16" in told
    assert refusal(CAPABILITY) is None and refusal((9, 0)) is None and refusal(None) is None
