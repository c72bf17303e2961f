"""A few blocks of the model, and what one of a group's ranks feeds them in a step of the plan.

Shape suffixes: T tokens of a rank, D hidden size.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from trainer.bench.attention import forward_flops
from trainer.bench.batches import share_of_group
from trainer.bench.clock import Lap
from trainer.bench.plan_data import Case
from trainer.bench.shape import COMPUTE, Shape
from trainer.sft.attention import Attend, Documents, attend
from trainer.sft.model import CausalLM, rope_angles
from trainer.sft.ulysses import exchanged
from trainer.spec import RecomputeMode

INITIALIZER_RANGE = 0.02


def bare_blocks(
    shape: Shape, device: torch.device, group: dist.ProcessGroup, *, linear: type[nn.Linear] = nn.Linear
) -> CausalLM:
    """The slice with bf16 weights, as FSDP hands them to a block, and a head of one row that nobody asks."""
    with torch.device("meta"):
        model = CausalLM(shape.slice_arch, 1, attend=share_heads(shape, group), linear=linear).to(COMPUTE)
    model.to_empty(device=device)
    fill_randomly(model)
    return model


def share_heads(shape: Shape, group: dist.ProcessGroup) -> Attend:
    """Attention as on one rank of a group: all tokens, its share of the heads, the exchange with itself."""
    return exchanged(attend, group, num_ranks=shape.sequence_parallel)


@torch.no_grad()
def fill_randomly(model: nn.Module) -> None:
    """Random data, because a GPU does zeros faster: 894 instead of 788 TFLOP/s (one H200, 8192^3 in bf16)."""
    for name, parameter in model.named_parameters():
        own = parameter.to_local() if isinstance(parameter, DTensor) else parameter
        own.normal_(1.0 if "norm" in name else 0.0, INITIALIZER_RANGE)


@dataclass(frozen=True, slots=True)
class SliceStep:
    """One step's input of the blocks. Forward and backward leave no gradient behind."""

    case: Case
    x_TD: Tensor
    grad_TD: Tensor
    rope: tuple[Tensor, Tensor]
    docs: Documents

    @property
    def num_tokens(self) -> int:
        return len(self.x_TD)

    def forward(self, model: CausalLM, mode: RecomputeMode) -> Tensor:
        # No leaf, as in the model, where the embedding is before: leaves would need graphs of their own.
        h_TD = self.x_TD.clone()
        for layer in model.model.layers:
            h_TD = layer(h_TD, self.rope, self.docs, model.runs[mode])
        return h_TD

    def runner(self, model: CausalLM, mode: RecomputeMode) -> Callable[[Lap], None]:
        """Laps `forward` and `backward` of all blocks."""

        def run(lap: Lap) -> None:
            h_TD = self.forward(model, mode)
            lap("forward")
            h_TD.backward(self.grad_TD)
            lap("backward")
            self.x_TD.grad = None
            model.zero_grad(set_to_none=True)

        return run

    def results(self, model: CausalLM, mode: RecomputeMode) -> list[Tensor]:
        """Output, and gradients of the input and of the first block's weights, in fp32."""
        h_TD = self.forward(model, mode)
        inputs = [self.x_TD, *model.model.layers[0].parameters()]
        gradients = torch.autograd.grad(h_TD, inputs, self.grad_TD)
        return [x.detach().float() for x in (h_TD, *gradients)]

    def saved_elements(self, model: CausalLM, mode: RecomputeMode) -> float | None:
        """Elements that one block keeps of each token after its forward pass; None on a CPU.

        A block's output counts as the next one's input; the first input was there before.
        """
        if not self.x_TD.is_cuda:
            return None
        before = torch.cuda.memory_allocated(self.x_TD.device)
        h_TD = self.forward(model, mode)
        left = torch.cuda.memory_allocated(h_TD.device) - before
        return left / (h_TD.element_size() * self.num_tokens * len(model.model.layers))

    def block_flops(self, shape: Shape) -> float:
        """Model FLOPs of one block on one rank, forward and backward: 6 a weight and token, and attention."""
        arch = shape.arch
        query, key_value = arch.query_heads * arch.head_size, arch.key_value_heads * arch.head_size
        weights = arch.hidden_size * (2 * query + 2 * key_value + 3 * arch.feed_forward_size)
        heads = arch.query_heads // shape.sequence_parallel
        return 6.0 * weights * self.num_tokens + 3 * forward_flops(
            self.docs.cu_seqlens, heads, arch.head_size
        )


def slice_step(case: Case, shape: Shape, device: torch.device) -> SliceStep:
    batch = share_of_group(case.lengths, shape, device)
    generator = torch.Generator(device).manual_seed(0)
    size = (2, len(batch.ids_T), shape.arch.hidden_size)
    x_TD, grad_TD = torch.randn(size, generator=generator, device=device).to(COMPUTE)
    rope = rope_angles(batch.positions_T, shape.arch.head_size, shape.arch.rope_theta)
    return SliceStep(case, x_TD.requires_grad_(), grad_TD, rope, batch.docs)
