"""How blocks run: what they keep of the forward pass for the backward pass, and whether they are compiled.

    none        all that the backward pass reads
    gate        as selective, and gate_proj's output, F; attention's output once, also where ranks exchange it
    selective   the block's input; what attention keeps: q, k, v and its output; the feed-forward part's input
    full        the block's input

What is not kept is computed again. `selective` repeats the norms and two of the three feed-forward products
(when not compiled, those of q, k and v too; when compiled, those of q and k behind which heads' norms stand),
but neither attention nor an exchange between ranks. It keeps
2 D + 2 Q + 2 KV elements of a token (Q, KV: all query heads, all key heads), and another Q where ranks
exchange heads: attention's output before its exchange. `gate` repeats one of the three products and, where
ranks exchange heads, the exchange of attention's output; it keeps F - Q elements more.

Attention runs between two compiled halves, not inside one graph: nothing would fuse with its kernel, and so
neither documents' lengths nor process groups can make anything compile again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch._dynamo.utils import counters
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

from trainer.sft.attention import Documents
from trainer.sft.model import Block, CausalLM
from trainer.sft.ulysses import Exchanged
from trainer.spec import RecomputeMode

Rope = tuple[Tensor, Tensor]
Heads = Callable[[Block, Tensor, Rope], tuple[Tensor, Tensor, Tensor]]
"""What comes before attention: a block's input, TD, to q_TNH, k_TKH and v_TKH."""
Rest = Callable[[Block, Tensor, Tensor], Tensor]
"""What comes after it: the block's input, TD, and attention's output, TNH, to the block's output, TD."""
Call = Callable[..., Any]
"""Runs a function on its inputs: once, or again in the backward pass."""


PRODUCTS = (torch.ops.aten.mm.default, torch.ops.aten._scaled_mm.default)


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


def rest_after_gate(block: Block, x_TD: Tensor, out_TNH: Tensor) -> Tensor:
    out_TD: Tensor = checkpoint(
        block.fed_forward,
        block.joined(x_TD, out_TNH),
        use_reentrant=False,
        preserve_rng_state=False,
        context_fn=gate_is_kept,
        respect_saved_tensors_hooks=True,
    )
    return out_TD


def gate_is_kept() -> Any:
    """Of a feed-forward part only the first product is kept, which is gate_proj's."""
    products = dict.fromkeys((False, True), 0)

    def policy(context: Any, operation: Any, *_: Any, **__: Any) -> CheckpointPolicy:
        if operation not in PRODUCTS:
            return CheckpointPolicy.PREFER_RECOMPUTE
        products[context.is_recompute] += 1
        first = products[context.is_recompute] == 1
        return CheckpointPolicy.MUST_SAVE if first else CheckpointPolicy.PREFER_RECOMPUTE

    return create_selective_checkpoint_contexts(policy)


@dataclass(frozen=True, slots=True)
class Form:
    """How a block runs in a mode."""

    heads: Heads
    rest: Rest
    whole: Call
    output_once: bool = False
    """Where ranks exchange heads, attention's output is kept as attention needs it, and exchanged again."""

    def __call__(self, block: Block, x_TD: Tensor, rope: Rope, docs: Documents) -> Tensor:
        out_TD: Tensor = self.whole(self._halves, block, x_TD, rope, docs)
        return out_TD

    def _halves(self, block: Block, x_TD: Tensor, rope: Rope, docs: Documents) -> Tensor:
        q_TNH, k_TKH, v_TKH = self.heads(block, x_TD, rope)
        attend = block.self_attn.attend
        if self.output_once and isinstance(attend, Exchanged):
            return attend.into(partial(self.rest, block, x_TD), q_TNH, k_TKH, v_TKH, docs)
        return self.rest(block, x_TD, attend(q_TNH, k_TKH, v_TKH, docs))


FORMS: Mapping[RecomputeMode, Form] = {
    # before attention, after it, the block as a whole
    "none": Form(heads, rest, once),
    "gate": Form(heads_again, rest_after_gate, once, output_once=True),
    "selective": Form(heads_again, rest_again, once),
    "full": Form(heads, rest, again),
}


def recompute(model: CausalLM, modes: Iterable[RecomputeMode]) -> None:
    """Makes every block able to run in these modes."""
    model.runs = {mode: FORMS[mode] for mode in modes}


def compile_blocks(model: CausalLM) -> None:
    """Compiles what the blocks run in the modes that `recompute` has given them. Call it before fully_shard.

    A half is compiled once, not once a block: all blocks share the graphs, in which the number of tokens is a
    symbol, and so do modes that have a half in common.
    """
    forms = {mode: form for mode, form in model.runs.items() if isinstance(form, Form)}
    halves = {half for form in forms.values() for half in (form.heads, form.rest)}
    # fullgraph: a break in the graph would cost speed silently, so it is an error.
    graphs: dict[Any, Any] = {half: torch.compile(half, fullgraph=True, dynamic=True) for half in halves}
    model.runs = {
        mode: replace(form, heads=graphs[form.heads], rest=graphs[form.rest]) for mode, form in forms.items()
    }


def num_graphs() -> int:
    """Graphs compiled in this process. More than the modes have halves: token counts are not symbols."""
    return int(counters["stats"]["unique_graphs"])
