"""Attention over a sequence that several ranks share: all-to-all from a slice of tokens with all heads to all
tokens with a slice of heads, and back (DeepSpeed-Ulysses, arXiv 2309.14509).

Every rank does the same work whatever the documents' lengths, so the longest document, which alone sets the
time of a step where ranks share none, is split like the others.

Shape suffixes: U ranks of the group, S tokens of one rank, T = U * S tokens of the group, N query heads, K
key/value heads, H head size; n = N / U and k = K / U heads of one rank; x = n + 2k.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed._functional_collectives import all_to_all_single, all_to_all_single_autograd

from trainer.sft.attention import Attend, Documents


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The same attention, for ranks that hold neighbouring slices of equal length, in the group's order.

    Called, it takes this rank's q_SNH, k_SKH and v_SKH with the layout of all T tokens, and gives this rank's
    SNH. Rank i attends with query heads from i * n and key/value heads from i * k, so each query head meets
    its own key/value head; U must divide K. Two exchanges forward, two backward.
    """

    attend: Attend
    group: dist.ProcessGroup
    num_ranks: int
    """U. More than the group has (trainer.bench): a rank alone then exchanges with itself, in the shapes and
    with the copies of a whole group."""

    def __call__(self, q_SNH: Tensor, k_SKH: Tensor, v_SKH: Tensor, docs: Documents) -> Tensor:
        return self._by_tokens(
            _to_ranks(self._by_rank(self._by_heads(q_SNH, k_SKH, v_SKH, docs)), self.group)
        )

    def into(
        self,
        rest: Callable[[Tensor], Tensor],
        q_SNH: Tensor,
        k_SKH: Tensor,
        v_SKH: Tensor,
        docs: Documents,
    ) -> Tensor:
        """`rest` of the output, which is kept once for the backward pass: as attention keeps it anyway.

        What `rest` would keep of it, exchanged, is exchanged again: one exchange more in the backward pass,
        in which all ranks of the group are at the same block.
        """
        out_TnH = self._by_heads(q_SNH, k_SKH, v_SKH, docs)
        out_SNH = self._by_tokens(_to_ranks(self._by_rank(out_TnH), self.group))
        # Not by its address, which tensors without content do not have.
        storage, kept_TnH = _storage(out_SNH), out_TnH.detach()

        def pack(tensor: Tensor) -> Any:
            if _storage(tensor) != storage:
                return tensor
            return _Place(tensor.shape, tensor.stride(), int(tensor.storage_offset()))

        def unpack(kept: Any) -> Tensor:
            if not isinstance(kept, _Place):
                return kept  # type: ignore[no-any-return]
            again = all_to_all_single(self._by_rank(kept_TnH).contiguous(), None, None, self.group)
            return self._by_tokens(again).as_strided(kept.shape, kept.stride, kept.offset)

        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            return rest(out_SNH)

    def _by_heads(self, q_SNH: Tensor, k_SKH: Tensor, v_SKH: Tensor, docs: Documents) -> Tensor:
        """Attention's output for all tokens and this rank's heads, TnH."""
        num_kv = k_SKH.shape[1] // self.num_ranks
        num_query = q_SNH.shape[1] // self.num_ranks
        assert num_kv * self.num_ranks == k_SKH.shape[1], "a group's ranks must divide the key/value heads"
        by_rank = [x.unflatten(1, (self.num_ranks, -1)).transpose(0, 1) for x in (q_SNH, k_SKH, v_SKH)]
        all_TxH = _to_ranks(torch.cat(by_rank, dim=2), self.group).flatten(0, 1)
        q_TnH, k_TkH, v_TkH = all_TxH.split([num_query, num_kv, num_kv], dim=1)
        out_TnH: Tensor = self.attend(q_TnH, k_TkH, v_TkH, docs)
        return out_TnH

    def _by_rank(self, out_TnH: Tensor) -> Tensor:
        by_rank_USnH: Tensor = out_TnH.unflatten(0, (self.num_ranks, -1))
        return by_rank_USnH

    def _by_tokens(self, own_USnH: Tensor) -> Tensor:
        return own_USnH.transpose(0, 1).flatten(1, 2)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tensor lies in its storage."""

    shape: torch.Size
    stride: tuple[int, ...]
    offset: int


def _storage(tensor: Tensor) -> int:
    """Tells storages apart for as long as they live."""
    number: int = tensor.untyped_storage()._cdata
    return number


def exchanged(attend: Attend, group: dist.ProcessGroup, *, num_ranks: int | None = None) -> Exchanged:
    """Attention over the tokens of the group's ranks; `num_ranks` pretends that there are so many."""
    return Exchanged(attend, group, num_ranks or group.size())


def _to_ranks(x: Tensor, group: dist.ProcessGroup) -> Tensor:
    """Gives entry u of the first dimension to rank u; entry u of the result came from rank u."""
    return all_to_all_single_autograd(x.contiguous(), None, None, group)
