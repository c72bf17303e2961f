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

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch._dynamo.utils import counters
from torch.utils.checkpoint import checkpoint

from trainer.sft.attention import Documents
from trainer.sft.model import Block, CausalLM, RunBlock
from trainer.spec import RecomputeMode

Rope = tuple[Tensor, Tensor]
Heads = Callable[[Block, Tensor, Rope], tuple[Tensor, Tensor, Tensor]]
"""What comes before attention: a block's input, TD, to q_TNH, k_TKH and v_TKH."""
Rest = Callable[[Block, Tensor, Tensor], Tensor]
"""What comes after it: the block's input, TD, and attention's output, TNH, to the block's output, TD."""


def prepare_blocks(model: CausalLM, modes: Iterable[RecomputeMode], *, compiled: bool) -> None:
    """Makes every block able to run in these modes, in the first from now on. Call it before fully_shard.

    A mode's two halves are compiled once, not once a block: all blocks share the graphs, in which the number
    of tokens is a symbol.
    """
    model.runs = {mode: _form(mode, compiled=compiled) for mode in modes}
    use_mode(model, next(iter(model.runs)))


def use_mode(model: CausalLM, mode: RecomputeMode) -> None:
    """Sets how the next forward pass runs; the mode must be prepared."""
    for layer in model.model.layers:
        assert isinstance(layer, Block)
        layer.run = model.runs[mode]


def num_graphs() -> int:
    """Graphs compiled in this process. More than two a mode: token counts are no longer symbols in them."""
    return int(counters["stats"]["unique_graphs"])


def _form(mode: RecomputeMode, *, compiled: bool) -> RunBlock:
    heads: Heads = _heads_again if mode == "selective" else _heads
    rest: Rest = _rest_again if mode == "selective" else _rest
    if compiled:
        # fullgraph: a break in the graph would cost speed silently, so it is an error.
        heads = torch.compile(heads, fullgraph=True, dynamic=True)
        rest = torch.compile(rest, fullgraph=True, dynamic=True)

    def run(block: Block, x_TD: Tensor, rope: Rope, docs: Documents) -> Tensor:
        return rest(block, x_TD, block.self_attn.attend(*heads(block, x_TD, rope), docs))

    def run_again(block: Block, x_TD: Tensor, rope: Rope, docs: Documents) -> Tensor:
        out_TD: Tensor = _again(run, block, x_TD, rope, docs)
        return out_TD

    return run_again if mode == "full" else run


def _heads(block: Block, x_TD: Tensor, rope: Rope) -> tuple[Tensor, Tensor, Tensor]:
    return block.heads(x_TD, rope)


def _heads_again(block: Block, x_TD: Tensor, rope: Rope) -> tuple[Tensor, Tensor, Tensor]:
    q_TNH, k_TKH, v_TKH = _again(block.heads, x_TD, rope)
    return q_TNH, k_TKH, v_TKH


def _rest(block: Block, x_TD: Tensor, out_TNH: Tensor) -> Tensor:
    return block.fed_forward(block.joined(x_TD, out_TNH))


def _rest_again(block: Block, x_TD: Tensor, out_TNH: Tensor) -> Tensor:
    out_TD: Tensor = _again(block.fed_forward, block.joined(x_TD, out_TNH))
    return out_TD


def _again(function: Callable[..., Any], *inputs: Any) -> Any:
    """Keeps the inputs only; the backward pass calls the function again. Nothing in a block is random."""
    return checkpoint(function, *inputs, use_reentrant=False, preserve_rng_state=False)
