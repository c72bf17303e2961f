"""How blocks run: what they keep of the forward pass for the backward pass, and whether they are compiled.

    none        all that the backward pass reads
    selective   the block's input; what attention keeps: q, k, v and its output; the feed-forward part's input
    full        the block's input

What is not kept is computed again. `selective` repeats the norms and two of the three feed-forward products
(when not compiled, those of q, k and v too), but neither attention nor an exchange between ranks. It keeps
2 D + 2 Q + 2 KV elements of a token (Q, KV: all query heads, all key heads), and another Q where ranks
exchange heads: attention's output before its exchange.

Attention runs between two compiled halves, not inside one graph: nothing would fuse with its kernel, and so
neither documents' lengths nor process groups can make anything compile again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch._dynamo.utils import counters
from torch.utils.checkpoint import checkpoint

from trainer.sft.attention import Documents
from trainer.sft.model import Block, CausalLM
from trainer.spec import RecomputeMode

Rope = tuple[Tensor, Tensor]
Heads = Callable[[Block, Tensor, Rope], tuple[Tensor, Tensor, Tensor]]
"""What comes before attention: a block's input, TD, to q_TNH, k_TKH and v_TKH."""
Rest = Callable[[Block, Tensor, Tensor], Tensor]
"""What comes after it: the block's input, TD, and attention's output, TNH, to the block's output, TD."""
Call = Callable[..., Any]
"""Runs a function on its inputs: once, or again in the backward pass."""


def once(function: Callable[..., Any], *inputs: Any) -> Any:
    return function(*inputs)


def again(function: Callable[..., Any], *inputs: Any) -> Any:
    """Keeps the inputs only; the backward pass calls the function again. Nothing in a block is random."""
    return checkpoint(function, *inputs, use_reentrant=False, preserve_rng_state=False)


def heads(block: Block, x_TD: Tensor, rope: Rope) -> tuple[Tensor, Tensor, Tensor]:
    return block.heads(x_TD, rope)


def heads_again(block: Block, x_TD: Tensor, rope: Rope) -> tuple[Tensor, Tensor, Tensor]:
    q_TNH, k_TKH, v_TKH = again(block.heads, x_TD, rope)
    return q_TNH, k_TKH, v_TKH


def rest(block: Block, x_TD: Tensor, out_TNH: Tensor) -> Tensor:
    return block.fed_forward(block.joined(x_TD, out_TNH))


def rest_again(block: Block, x_TD: Tensor, out_TNH: Tensor) -> Tensor:
    out_TD: Tensor = again(block.fed_forward, block.joined(x_TD, out_TNH))
    return out_TD


@dataclass(frozen=True, slots=True)
class Form:
    """How a block runs in a mode."""

    heads: Heads
    rest: Rest
    whole: Call

    def __call__(self, block: Block, x_TD: Tensor, rope: Rope, docs: Documents) -> Tensor:
        out_TD: Tensor = self.whole(self._halves, block, x_TD, rope, docs)
        return out_TD

    def _halves(self, block: Block, x_TD: Tensor, rope: Rope, docs: Documents) -> Tensor:
        return self.rest(block, x_TD, block.self_attn.attend(*self.heads(block, x_TD, rope), docs))

    def compiled(self) -> "Form":
        # fullgraph: a break in the graph would cost speed silently, so it is an error.
        return Form(
            torch.compile(self.heads, fullgraph=True, dynamic=True),
            torch.compile(self.rest, fullgraph=True, dynamic=True),
            self.whole,
        )


FORMS: Mapping[RecomputeMode, Form] = {
    # before attention, after it, the block as a whole
    "none": Form(heads, rest, once),
    "selective": Form(heads_again, rest_again, once),
    "full": Form(heads, rest, again),
}


def prepare_blocks(model: CausalLM, modes: Iterable[RecomputeMode], *, compiled: bool) -> None:
    """Makes every block able to run in these modes. Call it before fully_shard.

    A mode's two halves are compiled once, not once a block: all blocks share the graphs, in which the number
    of tokens is a symbol.
    """
    model.runs = {mode: FORMS[mode].compiled() if compiled else FORMS[mode] for mode in modes}


def num_graphs() -> int:
    """Graphs compiled in this process. More than two a mode: token counts are no longer symbols in them."""
    return int(counters["stats"]["unique_graphs"])
