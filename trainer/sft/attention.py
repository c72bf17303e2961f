"""Causal attention inside each document of a packed sequence, and nowhere else.

Shape suffixes: T packed tokens, N query heads, K key/value heads (N a multiple of K), H head size,
D documents, L tokens of the longest document.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

# Many small documents cost a call each in the per-document loop; padding them to one batch costs arithmetic.
# Below this length, and up to this growth, the batch was faster on CPU.
BATCHED_LENGTH = 512
BATCHED_GROWTH = 4


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents of a packed sequence lie."""

    cu_seqlens: tuple[int, ...]
    """Offsets of the documents' first tokens, and at the end the number of tokens."""
    longest: int
    padded_T: Tensor | None
    """Place of each token in a batch of D x L tokens; None when the documents are attended to one by one."""


def documents(lengths: list[int], device: torch.device) -> Documents:
    """The layout of documents of these lengths (each positive) that are packed one behind the other."""
    cu_seqlens = [0]
    for length in lengths:
        cu_seqlens.append(cu_seqlens[-1] + length)
    longest = max(lengths)
    padded_T = None
    if longest <= BATCHED_LENGTH and longest * len(lengths) <= BATCHED_GROWTH * cu_seqlens[-1]:
        places = [index * longest + place for index, length in enumerate(lengths) for place in range(length)]
        padded_T = torch.tensor(places, device=device)
    return Documents(tuple(cu_seqlens), longest, padded_T)


def attend(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
    """Softmax attention with scale 1/sqrt(H); each token sees its own document up to itself. Returns TNH."""
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
