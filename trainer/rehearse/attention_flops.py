"""FLOPs by operator: torch's own formulas, but for attention over documents, which the plan counts as causal.

FlopCounterMode itself cannot be used: its hooks keep every tensor that is computed again until the pass ends.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch.nn.attention import varlen as _registers_its_operators  # noqa: F401
from torch.utils.flop_counter import flop_registry, shape_wrapper

aten, attn = torch.ops.aten, torch.ops.torch_attn


def flop_formulas(cu_seqlens: Sequence[int]) -> dict[Any, Callable[..., int]]:
    """Of a step whose documents have these offsets. Attention takes half of two products of each document's
    L x L forward and of four backward; scores computed again are not counted (Dao 2023, section 4.1).
    """
    squares = sum((end - start) ** 2 for start, end in pairwise(cu_seqlens))

    def packed(products: int) -> Callable[..., int]:
        def of(*shapes: Any, **_: Any) -> int:
            query = shapes[0] if products == 2 else shapes[1]
            _tokens, heads, size = query
            return int(products * heads * size * squares)

        return of

    def single(products: int) -> Callable[..., int]:
        def of(*shapes: Any, **_: Any) -> int:
            query = shapes[0] if products == 2 else shapes[1]
            batch, heads, length, size = query
            return int(products * batch * heads * size * length**2)

        return of

    ours = {
        attn._varlen_attn: packed(2),
        attn._varlen_attn_backward: packed(4),
        aten._scaled_dot_product_flash_attention_for_cpu: single(2),
        aten._scaled_dot_product_flash_attention_for_cpu_backward: single(4),
    }
    return {**flop_registry, **{operator: shape_wrapper(formula) for operator, formula in ours.items()}}
