"""`training.deterministic`: sums in a fixed order, by which equal steps are equal to the bit."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from trainer.spec import Training

# cuBLAS picks among its workspaces by chance unless told their number and size (its documentation, section
# 2.1.4); torch refuses to multiply otherwise.
CUBLAS_WORKSPACES = ":4096:8"


@contextmanager
def as_asked(training: Training) -> Iterator[None]:
    """While it is entered, operations take deterministic ways, or raise RuntimeError if they have none.

    Enter it before the first matrix product. Attention is one of them: FlashAttention's backward pass adds
    the parts of q's gradient as they come, in another order each time, unless torch is asked not to.
    """
    if not training.deterministic:
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", CUBLAS_WORKSPACES)
    memory: Any = torch.utils.deterministic
    was = torch.are_deterministic_algorithms_enabled(), memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    # Nothing here reads memory that it has not written: filling it would only cost time.
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(was[0])
        memory.fill_uninitialized_memory = was[1]
