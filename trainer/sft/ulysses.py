"""Attention over a sequence that several ranks share: all-to-all from a slice of tokens with all heads to all
tokens with a slice of heads, and back (DeepSpeed-Ulysses, arXiv 2309.14509).

Every rank does the same work whatever the documents' lengths, so the longest document, which alone sets the
time of a step where ranks share none, is split like the others.

Shape suffixes: U ranks of the group, S tokens of one rank, T = U * S tokens of the group, N query heads, K
key/value heads, H head size; n = N / U and k = K / U heads of one rank; x = n + 2k.
"""

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed._functional_collectives import all_to_all_single_autograd

from trainer.sft.attention import Attend, Documents


def exchanged(attend: Attend, group: dist.ProcessGroup, *, num_ranks: int | None = None) -> Attend:
    """The same attention, for ranks that hold neighbouring slices of equal length, in the group's order.

    The function returned takes this rank's q_SNH, k_SKH and v_SKH with the layout of all T tokens, and gives
    this rank's SNH. Rank i attends with query heads from i * n and key/value heads from i * k, so each query
    head meets its own key/value head; U must divide K. Two exchanges forward, two backward.

    `num_ranks` pretends that the group has so many: a rank alone then exchanges with itself, in the shapes
    and with the copies of a whole group (trainer.bench).
    """
    num_ranks = num_ranks or group.size()

    def attend_exchanged(q_SNH: Tensor, k_SKH: Tensor, v_SKH: Tensor, docs: Documents) -> Tensor:
        num_kv = k_SKH.shape[1] // num_ranks
        num_query = q_SNH.shape[1] // num_ranks
        assert num_kv * num_ranks == k_SKH.shape[1], "the ranks of a group must divide the key/value heads"
        by_rank = [x.unflatten(1, (num_ranks, -1)).transpose(0, 1) for x in (q_SNH, k_SKH, v_SKH)]
        all_TxH = _to_ranks(torch.cat(by_rank, dim=2), group).flatten(0, 1)
        q_TnH, k_TkH, v_TkH = all_TxH.split([num_query, num_kv, num_kv], dim=1)
        out_TnH = attend(q_TnH, k_TkH, v_TkH, docs)
        own_USnH = _to_ranks(out_TnH.unflatten(0, (num_ranks, -1)), group)
        return own_USnH.transpose(0, 1).flatten(1, 2)

    return attend_exchanged


def _to_ranks(x: Tensor, group: dist.ProcessGroup) -> Tensor:
    """Gives entry u of the first dimension to rank u; entry u of the result came from rank u."""
    return all_to_all_single_autograd(x.contiguous(), None, None, group)
