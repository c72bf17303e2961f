from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from trainer.sft.attention import (
    Documents,
    attend,
    attend_each,
    attend_varlen,
    documents,
    kernel_name,
    varlen_arguments,
)

CPU = torch.device("cpu")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="bf16 kernels need a CUDA device")


def heads(num_tokens: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = (torch.randn(num_tokens, n, 8, generator=generator, requires_grad=True) for n in (4, 2, 2))
    return q, k, v


def by_definition(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
    """Softmax over a full score matrix with a block-diagonal causal mask."""
    bounds = torch.tensor(docs.cu_seqlens[1:])
    document_T = torch.searchsorted(bounds, torch.arange(len(q_TNH)), right=True)
    mask_TT = (document_T[:, None] == document_T[None]).tril()
    groups = q_TNH.shape[1] // k_TKH.shape[1]
    k_TNH, v_TNH = k_TKH.repeat_interleave(groups, 1), v_TKH.repeat_interleave(groups, 1)
    scores_NTT = torch.einsum("qnh,knh->nqk", q_TNH, k_TNH) / q_TNH.shape[-1] ** 0.5
    return torch.einsum("nqk,knh->qnh", scores_NTT.masked_fill(~mask_TT, -torch.inf).softmax(-1), v_TNH)


@pytest.mark.parametrize("lengths", [[1], [7, 1, 20], [60] * 8, [3, 100, 100]])
@pytest.mark.parametrize("form", [attend, attend_each])
def test_each_form_equals_the_definition_with_its_gradients(lengths: list[int], form: object) -> None:
    docs = documents(lengths, CPU)
    assert docs.padded_T is not None
    results = []
    for function in (form, by_definition):
        inputs = heads(sum(lengths))
        out = function(*inputs, docs)  # type: ignore[operator]
        results.append([out, *torch.autograd.grad((out**2).sum(), inputs)])
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_long_or_uneven_documents_are_not_padded() -> None:
    assert documents([600, 600], CPU).padded_T is None
    assert documents([500] + [1] * 20, CPU).padded_T is None


@pytest.mark.parametrize("lengths", [[30, 20, 40], [600, 20, 40]])
def test_a_change_in_one_document_leaves_the_others_equal_to_the_bit(lengths: list[int]) -> None:
    docs = documents(lengths, CPU)
    q, k, v = (x.detach() for x in heads(sum(lengths)))
    before = attend(q, k, v, docs)
    for x in (q, k, v):
        x[: lengths[0]] += 1.0
    after = attend(q, k, v, docs)
    assert torch.equal(before[lengths[0] :], after[lengths[0] :])
    assert not torch.equal(before[: lengths[0]], after[: lengths[0]])


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12))
def test_a_layout_says_the_same_in_all_its_forms(lengths: list[int]) -> None:
    docs = documents(lengths, CPU)
    assert docs.offsets.dtype == torch.int32 and docs.offsets.tolist() == list(docs.cu_seqlens)
    assert [end - start for start, end in zip(docs.cu_seqlens, docs.cu_seqlens[1:], strict=False)] == lengths
    places = [index * max(lengths) + place for index, n in enumerate(lengths) for place in range(n)]
    assert docs.padded_T is None or docs.padded_T.tolist() == places


def test_a_padding_document_is_a_document_like_any_other() -> None:
    q, k, v = (x.detach() for x in heads(40))
    whole = attend(q, k, v, documents([25, 8, 7], CPU))
    without = attend(q[:33], k[:33], v[:33], documents([25, 8], CPU))
    torch.testing.assert_close(whole[:33], without)
    assert torch.isfinite(whole).all()


def equal_heads_attention(q: Tensor, k: Tensor, v: Tensor, offsets: Tensor) -> Tensor:
    assert q.shape == k.shape == v.shape
    return attend_each(q, k, v, documents(offsets.diff().tolist(), CPU))


def varlen_2_10(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    cu_seq_q: Tensor,
    cu_seq_k: Tensor,
    max_q: int,
    max_k: int,
    is_causal: bool = False,
    return_aux: object = None,
) -> Tensor:
    assert is_causal and cu_seq_q is cu_seq_k and max_q == max_k and return_aux is None
    return equal_heads_attention(query, key, value, cu_seq_q)


def varlen_2_11(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    cu_seq_q: Tensor,
    cu_seq_k: Tensor,
    max_q: int,
    max_k: int,
    *,
    return_aux: object = None,
    scale: float | None = None,
    window_size: tuple[int, int] = (-1, -1),
) -> Tensor:
    # As that release tests it: a list would not be causal.
    assert window_size == (-1, 0) and scale is None
    return varlen_2_10(query, key, value, cu_seq_q, cu_seq_k, max_q, max_k, True, return_aux)


def varlen_2_12(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    cu_seq_q: Tensor,
    cu_seq_k: Tensor,
    max_q: int,
    max_k: int,
    *,
    return_aux: object = None,
    scale: float | None = None,
    window_size: tuple[int, int] = (-1, -1),
    enable_gqa: bool = False,
    seqused_k: Tensor | None = None,
    block_table: Tensor | None = None,
    num_splits: int | None = None,
) -> Tensor:
    assert window_size == (-1, 0) and (scale, return_aux) == (None, None)
    assert (seqused_k, block_table, num_splits) == (None, None, None)
    assert enable_gqa and cu_seq_q is cu_seq_k and max_q == max_k
    return attend_each(query, key, value, documents(cu_seq_q.diff().tolist(), CPU))


@pytest.mark.parametrize("kernel", [varlen_2_10, varlen_2_11, varlen_2_12])
def test_the_kernel_of_each_release_is_asked_for_the_same_attention(kernel: Callable[..., Any]) -> None:
    lengths = [7, 1, 20]
    docs = documents(lengths, CPU)
    results = []
    for function in (lambda *inputs: attend_varlen(kernel, *inputs), attend_each):
        inputs = heads(sum(lengths))
        out = function(*inputs, docs)
        results.append([out, *torch.autograd.grad((out**2).sum(), inputs)])
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected)


def test_the_kernel_of_the_installed_release_takes_the_arguments_made_for_it() -> None:
    from torch.nn.attention.varlen import varlen_attn

    arguments = varlen_arguments(varlen_attn)
    assert arguments.get("window_size") == (-1, 0) or arguments.get("is_causal")
    assert kernel_name(CPU) == "reference"


@needs_gpu
@pytest.mark.parametrize("num_query", [5, 40])
def test_the_kernel_in_bf16_equals_fp32_sdpa_with_its_gradients(num_query: int) -> None:
    """As many heads as one of eight ranks has, 5 and 1, and as one alone has; cut from one tensor."""
    device = torch.device("cuda")
    assert kernel_name(device) == "varlen_attn"
    lengths, num_kv = [1, 127, 2000, 900, 5], num_query // 5
    docs = documents(lengths, device)
    generator = torch.Generator(device).manual_seed(0)
    shape = (sum(lengths), num_query + 2 * num_kv, 128)
    heads_TxH = torch.randn(shape, generator=generator, device=device, dtype=torch.bfloat16)
    gradient_TNH = torch.randn(sum(lengths), num_query, 128, generator=generator, device=device)
    results = []
    for function, dtype in (
        (attend, torch.bfloat16),
        (attend_each, torch.bfloat16),
        (attend_each, torch.float32),
    ):
        leaf = heads_TxH.to(dtype).requires_grad_()
        q_TNH, k_TKH, v_TKH = leaf.split([num_query, num_kv, num_kv], dim=1)
        out = function(q_TNH, k_TKH, v_TKH, docs)
        results.append([x.float() for x in (out, *torch.autograd.grad(out, leaf, gradient_TNH.to(dtype)))])
    for found, sdpa, exact in zip(*results, strict=True):
        # No further from the exact result than SDPA in bf16 is, give or take half.
        assert F.mse_loss(found, exact) <= 2.25 * F.mse_loss(sdpa, exact)
