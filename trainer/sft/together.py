"""Work that every rank does its part of, and whose failure on one is the failure of all."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch.distributed as dist

from trainer.failure import StageError
from trainer.stage import classify

T = TypeVar("T")


def together(work: Callable[[], T], *, group: dist.ProcessGroup | None = None) -> list[T]:
    """Each rank does its part; all get all results, by rank, or raise the first rank's error.

    Over `group`, or over all ranks: gloo carries it, so results may be any plain data.
    """
    result: T | None = None
    failure: StageError | None = None
    try:
        result = work()
    except Exception as error:
        failure = classify(error)
    parts: list[Any] = [None] * dist.get_world_size(group)
    dist.all_gather_object(parts, (result, failure), group=group)
    for _, failed in parts:
        if failed is not None:
            raise failed
    return [part for part, _ in parts]
