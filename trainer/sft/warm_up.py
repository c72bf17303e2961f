"""What a run makes ready while its weights are read: graphs, kernels and connections.

The first step of each way to recompute compiles its halves of a block, for half a minute of all devices, and
reading the weights takes as long. Neither needs the other: compiled graphs know shapes and types, no values.
"""

from collections.abc import Iterable
from itertools import islice

from trainer.sft.data import TokenStore
from trainer.sft.layout import Layout
from trainer.sft.step import Loop, packed

# Rows among which a way to recompute is looked for: one that comes later is compiled when its step comes.
MOST_ROWS = 64


def warm_up(loop: Loop, layouts: Iterable[Layout], store: TokenStore) -> None:
    """A forward and a backward pass without an update in each way to recompute, on its first row.

    Real rows, because kernels are made for the number of tokens that they are first given. What is computed
    is thrown away, so weights may hold anything, and change meanwhile. All ranks call it together.
    """
    first = {layout.recompute: layout for layout in reversed([*islice(layouts, MOST_ROWS)])}
    for mode, layout in first.items():
        loss, _ = loop.trained.model(packed(loop, layout, store), mode)
        loss.backward()
        loop.trained.optimizer.zero_grad(set_to_none=True)
