"""The training model's forward pass for decoding: a row's keys and values are kept, none is computed twice.

Rows differ in length and leave as they end, so tokens are packed as in training and only attention is padded.

Shape suffixes: T packed new tokens of all rows, R rows, L new tokens of the row with most, C cached
positions, D hidden size, N query heads, K key/value heads, H head size, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.evaluate.memory import SCORE_BYTES
from trainer.sft.model import Attention, Block, CausalLM, rope_angles


@dataclass(frozen=True, slots=True)
class _Step:
    """Where the new tokens of one forward pass belong."""

    rows_R: Tensor
    rows_T: Tensor
    positions_T: Tensor
    padded_T: Tensor
    """Place of each token in R x L."""
    longest: int
    visible_RLC: Tensor
    """Which cached positions a new token may look at: those up to its own."""


class CachedDecoder:
    """Decodes up to `num_rows` sequences of up to `capacity` tokens each."""

    def __init__(self, model: CausalLM, *, num_rows: int, capacity: int) -> None:
        arch, weight = model.model.arch, model.model.embed_tokens.weight
        shape = (num_rows, capacity, arch.key_value_heads, arch.head_size)
        self._model = model
        self._device = weight.device
        self._keys = [weight.new_zeros(shape) for _ in range(arch.layers)]
        self._values = [weight.new_zeros(shape) for _ in range(arch.layers)]
        self._held: list[list[int]] = [[] for _ in range(num_rows)]

    @torch.inference_mode()
    def next_logits(self, rows: Sequence[int], sequences: Sequence[Sequence[int]]) -> Tensor:
        """Logits, RV in fp32, of the token that follows each sequence.

        A row computes only what differs from the sequence it held last: one token when it has grown by one,
        and nothing twice when a longer sequence is cut and continued in another way.
        """
        new = [self._take(row, list(sequence)) for row, sequence in zip(rows, sequences, strict=True)]
        heads = self._model.model.arch.query_heads
        longest = max(len(self._held[row]) for row in rows)
        most = max(1, SCORE_BYTES // (4 * heads * longest))
        parts: list[Tensor] = []
        for group in grouped([len(tokens) for tokens in new], most):
            # Only a row alone may have more new tokens than go into one pass; their last logits count.
            pieces = range(0, max(len(new[i]) for i in group), most) if len(group) == 1 else [0]
            for start in pieces:
                part = [new[i][start : start + most] for i in group]
                behind = [len(self._held[rows[i]]) - len(new[i]) + start for i in group]
                logits = self._forward([rows[i] for i in group], behind, part)
            parts.append(logits)
        return torch.cat(parts)

    def _forward(self, rows: Sequence[int], starts: Sequence[int], new: Sequence[Sequence[int]]) -> Tensor:
        """Logits, RV in fp32, after each row's `new` tokens, which begin at its place of `starts`."""
        lengths = [len(tokens) for tokens in new]
        step = self._step(rows, starts, lengths)
        ids_T = torch.tensor([token for tokens in new for token in tokens], device=self._device)
        arch = self._model.model.arch
        rope = rope_angles(step.positions_T, arch.head_size, arch.rope_theta)
        x_TD = self._model.model.embed_tokens(ids_T)
        for index, block in enumerate(self._model.model.layers):
            assert isinstance(block, Block)
            h_TD = x_TD + self._attend(index, block.self_attn, block.input_layernorm(x_TD), rope, step)
            x_TD = h_TD + block.mlp(block.post_attention_layernorm(h_TD))
        last_R = torch.tensor(lengths, device=self._device).cumsum(0) - 1
        return F.linear(self._model.model.norm(x_TD[last_R]), self._model.head_weight()).float()

    def _take(self, row: int, sequence: list[int]) -> list[int]:
        """Makes `sequence` the row's own; returns its tokens yet to be computed, the last at least."""
        held = self._held[row]
        shared = len(held) if sequence[: len(held)] == held else _shared_prefix(held, sequence)
        self._held[row] = sequence
        return sequence[min(shared, len(sequence) - 1) :]

    def _step(self, rows: Sequence[int], starts: Sequence[int], lengths: list[int]) -> _Step:
        longest = max(lengths)
        places = [(index, place) for index, length in enumerate(lengths) for place in range(length)]
        index_T = torch.tensor([index for index, _ in places], device=self._device)
        place_T = torch.tensor([place for _, place in places], device=self._device)
        rows_R, starts_R = (torch.tensor(values, device=self._device) for values in (rows, starts))
        positions_RL1 = (starts_R[:, None] + torch.arange(longest, device=self._device)).unsqueeze(-1)
        cached_C = torch.arange(max(map(sum, zip(starts, lengths, strict=True))), device=self._device)
        return _Step(
            rows_R=rows_R,
            rows_T=rows_R[index_T],
            positions_T=starts_R[index_T] + place_T,
            padded_T=index_T * longest + place_T,
            longest=longest,
            visible_RLC=cached_C <= positions_RL1,
        )

    def _attend(
        self, layer: int, attention: Attention, x_TD: Tensor, rope: tuple[Tensor, Tensor], step: _Step
    ) -> Tensor:
        keys, values = self._keys[layer], self._values[layer]
        q_TNH, k_TKH, v_TKH = attention.heads(x_TD, rope)
        keys[step.rows_T, step.positions_T] = k_TKH
        values[step.rows_T, step.positions_T] = v_TKH
        num_cached = step.visible_RLC.shape[-1]
        q_RLNH = q_TNH.new_zeros(len(step.rows_R) * step.longest, *q_TNH.shape[1:])
        q_RLNH = q_RLNH.index_copy(0, step.padded_T, q_TNH).unflatten(0, (-1, step.longest))
        out_RNLH = F.scaled_dot_product_attention(
            q_RLNH.transpose(1, 2),
            keys[step.rows_R, :num_cached].transpose(1, 2),
            values[step.rows_R, :num_cached].transpose(1, 2),
            attn_mask=step.visible_RLC.unsqueeze(1),
            enable_gqa=True,
        )
        out_TD: Tensor = attention.o_proj(out_RNLH.transpose(1, 2).flatten(0, 1)[step.padded_T].flatten(1))
        return out_TD


def grouped(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Neighbours that go into one pass: up to `most` tokens, padded to the longest; else they stand alone."""
    groups: list[list[int]] = []
    longest = 0
    for index, length in enumerate(lengths):
        if groups and (len(groups[-1]) + 1) * max(longest, length) <= most:
            groups[-1].append(index)
            longest = max(longest, length)
        else:
            groups.append([index])
            longest = length
    return groups


def _shared_prefix(one: list[int], other: list[int]) -> int:
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
