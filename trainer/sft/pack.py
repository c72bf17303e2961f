"""The samples that a group of ranks shares in one step, packed one behind the other.

Two samples, of 3 prompt tokens and 2 labels (p p p a b) and of 1 and 3 (q c d e), padded to a multiple of 12:

    ids        p    p    p    a    b  |  q    c    d    e  |  0    0    0
    positions  0    1    2    3    4  |  0    1    2    3  |  0    1    2
    targets   -100 -100  a    b   -100|  c    d    e   -100| -100 -100 -100
    weights    0    0    w1   w1   0  |  w2   w2   w2   0  |  0    0    0
    cu_seqlens 0                         5                    9             12

A token's target is the token after it, so the last prompt token has a target and the last token of a document
has none: nothing is learnt across documents. w = 1 / (samples of the whole step * labels of the sample).

Padding is documents of their own, which no other sees (here one; `filler.py` says how many). It makes the
tokens divisible: each rank of the group gets an equal share of them, here of 3 ranks

    rank 0: p p p a     rank 1: b q c d     rank 2: e 0 0 0

and documents run across the ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainer.sft.attention import Documents, documents
from trainer.sft.data import TokenStore
from trainer.sft.filler import filler_lengths
from trainer.sft.loss import IGNORED
from trainer.sft.plan import token_weight


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """Shape suffix: T tokens of all documents, or of a rank's share of them."""

    ids_T: Tensor
    positions_T: Tensor
    targets_T: Tensor
    weights_T: Tensor
    """fp32"""
    labelled_R: Tensor
    """Places of the tokens that have a target, rising: the host knows them, so the loss need not ask the
    device how many there are."""
    docs: Documents
    """Of all tokens, also in a share."""


def pack(
    store: TokenStore,
    samples: Sequence[int],
    *,
    global_batch: int,
    device: torch.device,
    multiple: int = 1,
    document_multiple: int = 1,
    share: int = 0,
    num_shares: int = 1,
) -> PackedBatch:
    """Packs the samples (indices into the store, at least one) in the order given.

    The number of tokens is a multiple of `multiple`, that of documents one of `document_multiple`. Returned
    is share `share` of `num_shares`, each of equally many tokens; `num_shares` must divide `multiple`.
    """
    assert multiple % num_shares == 0, (multiple, num_shares)
    lengths_D, prompts_D = store.index[samples, 1], store.index[samples, 2]
    filler_D = filler_lengths(lengths_D.tolist(), multiple=multiple, document_multiple=document_multiple)
    ids_T = np.concatenate([*map(store.tokens, samples), np.zeros(sum(filler_D), np.int64)])
    documents_D = [*lengths_D.tolist(), *filler_D]
    ends_D = np.cumsum(documents_D)
    positions_T = np.arange(len(ids_T)) - np.repeat(ends_D - documents_D, documents_D)
    targets_T = np.full(len(ids_T), IGNORED)
    weights_T = np.zeros(len(ids_T), np.float32)
    # What is filled up, last, has no prompt to be paired with: it keeps weight 0.
    for end, length, num_prompt in zip(ends_D.tolist(), documents_D, prompts_D.tolist(), strict=False):
        num_labels = length - num_prompt
        labelled = slice(end - num_labels - 1, end - 1)
        targets_T[labelled] = ids_T[end - num_labels : end]
        weights_T[labelled] = token_weight(global_batch=global_batch, num_labels=num_labels)
    size = len(ids_T) // num_shares
    own = slice(share * size, (share + 1) * size)
    return PackedBatch(
        ids_T=_to_device(ids_T[own], device),
        positions_T=_to_device(positions_T[own], device),
        targets_T=_to_device(targets_T[own], device),
        weights_T=_to_device(weights_T[own], device),
        labelled_R=_to_device(np.flatnonzero(targets_T[own] != IGNORED), device),
        # No step of the run has a longer document, so all steps say the same.
        docs=documents(documents_D, device, at_most=max(store.longest, multiple)),
    )


def _to_device(array_T: np.ndarray, device: torch.device) -> Tensor:
    tensor_T = torch.from_numpy(array_T)
    if device.type == "cpu":
        return tensor_T
    # From pageable memory the copy would wait for the update of the step before.
    return tensor_T.pin_memory().to(device, non_blocking=True)
