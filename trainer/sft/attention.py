"""Causal attention inside each document of a packed sequence, and nowhere else.

On CUDA in 16 bits by torch's variable-length kernel; elsewhere by SDPA for each document, the reference.

Shape suffixes: T packed tokens, N query heads, K key/value heads (N a multiple of K), H head size,
D documents, L tokens of the longest document.
"""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.varlen import varlen_attn

# Many small documents cost a call each in the per-document loop; padding them to one batch costs arithmetic.
# Below this length, and up to this growth, the batch was faster on CPU.
BATCHED_LENGTH = 512
BATCHED_GROWTH = 4
# About what a block of a large model lets go of before its attention's backward pass.
MOST_WORKSPACE_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents of a packed sequence lie."""

    cu_seqlens: tuple[int, ...]
    """Offsets of the documents' first tokens, and at the end the number of tokens."""
    longest: int
    at_most: int
    """At least `longest`: what kernels are told, so that steps do not differ in it."""
    offsets: Tensor
    """`cu_seqlens` in int32 on the device, for its kernel."""
    padded_T: Tensor | None
    """Place of each token in a batch of D x L tokens; None when the documents are attended to one by one."""


Attend = Callable[[Tensor, Tensor, Tensor, Documents], Tensor]
"""q_TNH, k_TKH, v_TKH and the layout of the documents to TNH."""


def documents(lengths: list[int], device: torch.device, *, at_most: int = 1) -> Documents:
    """The layout of documents of these lengths (each positive) that are packed one behind the other.

    Kernels are told that none is longer than `at_most`, or than the longest where that is more.
    """
    lengths_D = torch.tensor(lengths, dtype=torch.int32)
    offsets = torch.zeros(len(lengths) + 1, dtype=torch.int32)
    torch.cumsum(lengths_D, 0, out=offsets[1:])
    cu_seqlens, longest = tuple(offsets.tolist()), max(lengths)
    padded_T = None
    if device.type == "cuda":
        # From pageable memory the copy would wait for the update of the step before.
        offsets = offsets.pin_memory().to(device, non_blocking=True)
    elif longest <= BATCHED_LENGTH and longest * len(lengths) <= BATCHED_GROWTH * cu_seqlens[-1]:
        shifts_D = torch.arange(len(lengths)) * longest - offsets[:-1]
        padded_T = torch.arange(cu_seqlens[-1]) + shifts_D.repeat_interleave(lengths_D)
    return Documents(cu_seqlens, longest, max(longest, at_most), offsets, padded_T)


@cache
def kernel_name(device: torch.device, dtype: torch.dtype = torch.bfloat16) -> str:
    """`varlen_attn`, or `reference`: the slower one, where FlashAttention's kernel does not run."""
    if device.type != "cuda" or dtype not in (torch.float16, torch.bfloat16):
        return "reference"
    # FlashAttention 2 wants Ampere.
    return "varlen_attn" if torch.cuda.get_device_capability(device) >= (8, 0) else "reference"


def attend(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
    """Softmax attention with scale 1/sqrt(H); each token sees its own document up to itself. Returns TNH."""
    if kernel_name(q_TNH.device, q_TNH.dtype) == "varlen_attn":
        return attend_varlen(varlen_attn, q_TNH, k_TKH, v_TKH, docs)
    if docs.padded_T is None:
        return attend_each(q_TNH, k_TKH, v_TKH, docs)
    return _attend_batched(q_TNH, k_TKH, v_TKH, docs, docs.padded_T)


def attend_each(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
    """The reference: one call a document."""
    outputs = []
    for start, end in pairwise(docs.cu_seqlens):
        # 1, heads, tokens, H
        q, k, v = (x[start:end].transpose(0, 1).unsqueeze(0) for x in (q_TNH, k_TKH, v_TKH))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        outputs.append(out.squeeze(0).transpose(0, 1))
    return torch.cat(outputs)


def attend_varlen(
    kernel: Callable[..., Any], q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents
) -> Tensor:
    """`kernel` is torch's varlen_attn, of any release from 2.10."""
    arguments = varlen_arguments(kernel)
    if "enable_gqa" not in arguments:
        groups = q_TNH.shape[1] // k_TKH.shape[1]
        k_TKH, v_TKH = (x.repeat_interleave(groups, dim=1) for x in (k_TKH, v_TKH))
    # One tensor for both offsets: cuDNN's causal kernel, which torch 2.15 prefers, asks that it be the same.
    offsets, at_most = docs.offsets, docs.at_most
    with _backends(q_TNH, docs):
        out_TNH: Tensor = kernel(q_TNH, k_TKH, v_TKH, offsets, offsets, at_most, at_most, **arguments)
    return out_TNH


def _backends(q_TNH: Tensor, docs: Documents) -> AbstractContextManager[None]:
    """Which of torch's kernels may be taken: any, or FlashAttention where cuDNN would need too much memory.

    On Hopper torch prefers cuDNN, which is 1.7 to 2.3 times as fast there (transformers #48163). The backward
    pass takes the kernel of the forward pass.
    """
    if workspace_bytes(docs, num_heads=q_TNH.shape[1], head_size=q_TNH.shape[2]) <= MOST_WORKSPACE_BYTES:
        return nullcontext()
    return sdpa_kernel(SDPBackend.FLASH_ATTENTION)


def workspace_bytes(docs: Documents, *, num_heads: int, head_size: int) -> int:
    """Most that cuDNN's backward pass takes beside its inputs and outputs.

    It sums the gradients of q, and those of k and v for all query heads, in fp32 over documents that are all
    as long as the longest: torch does not tell it how many tokens there are (cudnn-frontend,
    scaled_dot_product_flash_attention.h, `dQ_accum`). FlashAttention's sums are over the tokens.
    """
    return 3 * 4 * (len(docs.cu_seqlens) - 1) * docs.at_most * num_heads * head_size


@cache
def varlen_arguments(kernel: Callable[..., Any]) -> dict[str, Any]:
    """How this release is told to be causal, and that query heads share key/value heads.

    Causal is `is_causal` in torch 2.10 and a window, which must be a tuple, from 2.11; `enable_gqa` is there
    from 2.12, and without it the heads must be equally many.
    """
    parameters = inspect.signature(kernel).parameters
    causal = {"window_size": (-1, 0)} if "window_size" in parameters else {"is_causal": True}
    return {**causal, "enable_gqa": True} if "enable_gqa" in parameters else causal


def _attend_batched(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents, padded_T: Tensor) -> Tensor:
    """Pads at the end of each document, where a causal mask already keeps every real token from looking."""
    num_documents = len(docs.cu_seqlens) - 1

    def pad(x_TNH: Tensor) -> Tensor:
        x = x_TNH.new_zeros(num_documents * docs.longest, *x_TNH.shape[1:]).index_copy(0, padded_T, x_TNH)
        return x.view(num_documents, docs.longest, *x_TNH.shape[1:]).transpose(1, 2)

    out_DNLH = F.scaled_dot_product_attention(
        pad(q_TNH), pad(k_TKH), pad(v_TKH), is_causal=True, enable_gqa=True
    )
    out_TNH: Tensor = out_DNLH.transpose(1, 2).flatten(0, 1)[padded_T]
    return out_TNH
