"""How llama.cpp and transformers lay out the rows of q and k.

Rotary positions turn pairs of a head's dimensions. transformers pairs dimension i with i + head/2, so a
head's rows are two halves; llama.cpp pairs neighbours, so the halves lie interleaved. Nothing in a file says
which, and a model that reads the other layout has the right shapes and talks nonsense.
"""

import numpy as np


def halves(weight: np.ndarray, *, num_heads: int) -> np.ndarray:
    """Rows as transformers has them from rows as llama.cpp has them: (heads * head size, hidden size)."""
    rows, hidden = weight.shape
    pairs = weight.reshape(num_heads, rows // num_heads // 2, 2, hidden)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, hidden))
