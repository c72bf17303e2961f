"""A world of ranks in one process: collectives have their shapes and send nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch.testing._internal.distributed.fake_pg import FakeStore

from trainer.sft.ranks import Ranks, require_shareable, take_place
from trainer.spec import JobSpec


@contextmanager
def fake_ranks(spec: JobSpec) -> Iterator[Ranks]:
    """The place of rank 0 among all ranks of the specification. Raises StageError `configuration`.

    Enter it before the fake mode: a mesh of fake numbers cannot say which rank is where.
    """
    require_shareable(spec, spec.world.size)
    dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=spec.world.size)
    try:
        yield take_place(spec, torch.device("cpu"))
    finally:
        dist.destroy_process_group()
