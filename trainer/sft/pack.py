"""The samples that a group of ranks shares in one step, packed one behind the other without padding.

Two samples, of 3 prompt tokens and 2 labels (p p p a b) and of 1 and 3 (q c d e):

    ids        p    p    p    a    b  |  q    c    d    e
    positions  0    1    2    3    4  |  0    1    2    3
    targets   -100 -100  a    b   -100|  c    d    e   -100
    weights    0    0    w1   w1   0  |  w2   w2   w2   0
    cu_seqlens 0                         5                    9

A token's target is the token after it, so the last prompt token has a target and the last token of a document
has none: nothing is learnt across documents. w = 1 / (samples of the whole step * labels of the sample).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainer.sft.attention import Documents, documents
from trainer.sft.data import TokenStore
from trainer.sft.loss import IGNORED
from trainer.sft.plan import token_weight


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """Shape suffix: T tokens of all documents."""

    ids_T: Tensor
    positions_T: Tensor
    targets_T: Tensor
    weights_T: Tensor
    """fp32"""
    docs: Documents


def pack(
    store: TokenStore, samples: Sequence[int], *, global_batch: int, device: torch.device
) -> PackedBatch:
    """Packs the samples (indices into the store, at least one) in the order given."""
    ids, positions, targets, weights = [], [], [], []
    for sample in samples:
        tokens, num_prompt = store.tokens(sample), store.num_prompt(sample)
        target = np.full(len(tokens), IGNORED, dtype=np.int64)
        target[num_prompt - 1 : -1] = tokens[num_prompt:]
        weight = token_weight(global_batch=global_batch, num_labels=len(tokens) - num_prompt)
        ids.append(tokens)
        positions.append(np.arange(len(tokens)))
        targets.append(target)
        weights.append(np.where(target == IGNORED, 0.0, weight))
    return PackedBatch(
        ids_T=_tensor(ids, np.int64, device),
        positions_T=_tensor(positions, np.int64, device),
        targets_T=_tensor(targets, np.int64, device),
        weights_T=_tensor(weights, np.float32, device),
        docs=documents([len(tokens) for tokens in ids], device),
    )


def _tensor(arrays: list[np.ndarray], dtype: type[np.generic], device: torch.device) -> Tensor:
    return torch.from_numpy(np.concatenate(arrays).astype(dtype, copy=False)).to(device)
