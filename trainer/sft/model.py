"""The decoder, with parameters named as in Hugging Face checkpoints.

Pre-norm blocks; rotary positions; grouped-query attention; SwiGLU. Whether q, k and v have biases, and each
head's q and k a norm, is its family's (trainer.family). A tied model has no `lm_head`: the embedding is the
head, as in its checkpoint files. The model knows nothing of distribution.

Shape suffixes: T packed tokens, D hidden size, N query heads, K key/value heads, H head size, F feed-forward
size, V vocabulary.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.family import FAMILIES
from trainer.sft.attention import Attend, Documents, attend
from trainer.sft.loss import weighted_cross_entropy
from trainer.sft.pack import PackedBatch
from trainer.spec import Architecture, RecomputeMode


class RMSNorm(nn.Module):
    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x_TD: Tensor) -> Tensor:
        # The variance in fp32: bf16 has 8 bits of mantissa for a sum over D squares.
        wide_TD = x_TD.float()
        scale_T1 = torch.rsqrt(wide_TD.square().mean(-1, keepdim=True) + self.epsilon)
        return self.weight * (wide_TD * scale_T1).to(x_TD.dtype)


class Attention(nn.Module):
    def __init__(self, arch: Architecture, attend: Attend, linear: type[nn.Linear]) -> None:
        super().__init__()
        query, key_value = arch.query_heads * arch.head_size, arch.key_value_heads * arch.head_size
        family = FAMILIES[arch.model_type]
        biases, norms = family.qkv_biases, family.qk_norms
        self.head_size = arch.head_size
        self.q_proj = linear(arch.hidden_size, query, bias=biases)
        self.k_proj = linear(arch.hidden_size, key_value, bias=biases)
        self.v_proj = linear(arch.hidden_size, key_value, bias=biases)
        self.o_proj = linear(query, arch.hidden_size, bias=False)
        self.q_norm = RMSNorm(arch.head_size, arch.rms_norm_epsilon) if norms else nn.Identity()
        self.k_norm = RMSNorm(arch.head_size, arch.rms_norm_epsilon) if norms else nn.Identity()
        self.attend = attend

    def heads(self, x_TD: Tensor, rope: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """q_TNH and k_TKH, rotated, and v_TKH."""
        q_TNH, k_TKH, v_TKH = (
            projection(x_TD).unflatten(-1, (-1, self.head_size))
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        return rotate(self.q_norm(q_TNH), rope), rotate(self.k_norm(k_TKH), rope), v_TKH


class MLP(nn.Module):
    def __init__(self, arch: Architecture, linear: type[nn.Linear]) -> None:
        super().__init__()
        self.gate_proj = linear(arch.hidden_size, arch.feed_forward_size, bias=False)
        self.up_proj = linear(arch.hidden_size, arch.feed_forward_size, bias=False)
        self.down_proj = linear(arch.feed_forward_size, arch.hidden_size, bias=False)

    def forward(self, x_TD: Tensor) -> Tensor:
        out: Tensor = self.down_proj(F.silu(self.gate_proj(x_TD)) * self.up_proj(x_TD))
        return out


class Block(nn.Module):
    def __init__(self, arch: Architecture, attend: Attend, linear: type[nn.Linear]) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(arch.hidden_size, arch.rms_norm_epsilon)
        self.self_attn = Attention(arch, attend, linear)
        self.post_attention_layernorm = RMSNorm(arch.hidden_size, arch.rms_norm_epsilon)
        self.mlp = MLP(arch, linear)

    def forward(self, x_TD: Tensor, rope: tuple[Tensor, Tensor], docs: Documents, run: "RunBlock") -> Tensor:
        return run(self, x_TD, rope, docs)

    def heads(self, x_TD: Tensor, rope: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """What attention takes: q_TNH, k_TKH and v_TKH."""
        return self.self_attn.heads(self.input_layernorm(x_TD), rope)

    def joined(self, x_TD: Tensor, out_TNH: Tensor) -> Tensor:
        """The block's input with attention's output added."""
        h_TD: Tensor = x_TD + self.self_attn.o_proj(out_TNH.flatten(1))
        return h_TD

    def fed_forward(self, h_TD: Tensor) -> Tensor:
        out_TD: Tensor = h_TD + self.mlp(self.post_attention_layernorm(h_TD))
        return out_TD


RunBlock = Callable[[Block, Tensor, tuple[Tensor, Tensor], Documents], Tensor]


def run_block(block: Block, x_TD: Tensor, rope: tuple[Tensor, Tensor], docs: Documents) -> Tensor:
    """A block's forward pass, as it is read; `blocks.py` has others that keep less or are compiled."""
    out_TNH = block.self_attn.attend(*block.heads(x_TD, rope), docs)
    return block.fed_forward(block.joined(x_TD, out_TNH))


class Decoder(nn.Module):
    def __init__(
        self,
        arch: Architecture,
        vocabulary_size: int,
        rope_dtype: torch.dtype,
        attend: Attend,
        linear: type[nn.Linear],
    ) -> None:
        super().__init__()
        self.arch = arch
        self.rope_dtype = rope_dtype
        self.embed_tokens = nn.Embedding(vocabulary_size, arch.hidden_size)
        self.layers = nn.ModuleList(Block(arch, attend, linear) for _ in range(arch.layers))
        self.norm = RMSNorm(arch.hidden_size, arch.rms_norm_epsilon)

    def forward(self, ids_T: Tensor, positions_T: Tensor, docs: Documents, run: RunBlock) -> Tensor:
        """Hidden states after the last norm, TD."""
        rope = rope_angles(positions_T, self.arch.head_size, self.arch.rope_theta, self.rope_dtype)
        x_TD = self.embed_tokens(ids_T)
        for layer in self.layers:
            x_TD = layer(x_TD, rope, docs, run)
        out: Tensor = self.norm(x_TD)
        return out


class Head(nn.Linear):
    """A head of its own. The loss is its forward pass, so hooks on it stand around each use of its weight."""

    def forward(self, hidden_TD: Tensor, batch: PackedBatch) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        return loss_of(hidden_TD, self.weight, batch)


def loss_of(hidden_TD: Tensor, head_VD: Tensor, batch: PackedBatch) -> tuple[Tensor, Tensor]:
    """Weighted and unweighted sum of the negative log likelihood over the batch's labelled tokens."""
    return weighted_cross_entropy(hidden_TD, head_VD, batch.targets_T, batch.weights_T, batch.labelled_R)


class CausalLM(nn.Module):
    """The decoder with its head. `vocabulary_size` is the number of embedding rows, `linear` how the blocks
    multiply by their weights."""

    def __init__(
        self,
        arch: Architecture,
        vocabulary_size: int,
        *,
        rope_dtype: torch.dtype = torch.float32,
        attend: Attend = attend,
        linear: type[nn.Linear] = nn.Linear,
    ) -> None:
        super().__init__()
        self.model = Decoder(arch, vocabulary_size, rope_dtype, attend, linear)
        # How blocks can run; blocks.py knows more ways.
        self.runs: Mapping[RecomputeMode, RunBlock] = {"none": run_block}
        if not arch.tied_embeddings:
            self.lm_head = Head(arch.hidden_size, vocabulary_size, bias=False)

    def forward(self, batch: PackedBatch, mode: RecomputeMode = "none") -> tuple[Tensor, Tensor]:
        """Weighted and unweighted sum of the negative log likelihood over the batch's labelled tokens."""
        hidden_TD = self.model(batch.ids_T, batch.positions_T, batch.docs, self.runs[mode])
        if self.model.arch.tied_embeddings:
            return loss_of(hidden_TD, self.head_weight(), batch)
        losses: tuple[Tensor, Tensor] = self.lm_head(hidden_TD, batch)
        return losses

    def logits(self, batch: PackedBatch) -> Tensor:
        """All logits, TV in fp32: for tests and short texts."""
        hidden_TD = self.model(batch.ids_T, batch.positions_T, batch.docs, run_block)
        return F.linear(hidden_TD, self.head_weight()).float()

    def head_weight(self) -> Tensor:
        """The head's matrix, VD."""
        return self.model.embed_tokens.weight if self.model.arch.tied_embeddings else self.lm_head.weight


def rope_angles(
    positions_T: Tensor, head_size: int, theta: float, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    """Cosine and sine, TH, of each position's angles. In no buffer, so there is none to lose or to round.

    Frequencies in bf16 are 9.5 rad off at position 8,192. `dtype` bf16 does just that on purpose: s1's
    published stack rounded them (FSDP1's buffer_dtype), and `asPublished` repeats it.
    """
    exponents = torch.arange(0, head_size, 2, device=positions_T.device).float() / head_size
    frequencies = (1.0 / theta**exponents).to(dtype).float()
    angles_TH = torch.outer(positions_T.float(), frequencies).repeat(1, 2)
    return angles_TH.cos().to(dtype), angles_TH.sin().to(dtype)


def rotate(x_TNH: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Turns each pair (i, i + H/2) of a head by its angle; in fp32 when the angles are."""
    cos_T1H, sin_T1H = (angle.unsqueeze(1) for angle in rope)
    first, second = x_TNH.chunk(2, dim=-1)
    turned_TNH = torch.cat((-second, first), dim=-1)
    return (x_TNH * cos_T1H + turned_TNH * sin_T1H).to(x_TNH.dtype)
