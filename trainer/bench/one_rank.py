"""The trainer's own specification and ranks for a single process on one device."""

import os
import socket
from dataclasses import replace

from trainer.bench.plan_data import PlanData
from trainer.bench.shape import MODES
from trainer.sft.ranks import Ranks, join_ranks
from trainer.spec import Architecture, JobSpec, RecomputeLimit, RecomputeMode, World


def lone_spec(plan: PlanData, device: str) -> JobSpec:
    """s1-32b's specification as if one device were the whole world."""
    spec = replace(plan.spec, world=World(nodes=1, devices_per_node=1), sequence_parallel=1, sharding="full")
    return replace(spec, device="cuda" if device == "cuda" else "cpu", floors=None)


def join_alone(spec: JobSpec) -> Ranks:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ.update(
        RANK="0", LOCAL_RANK="0", WORLD_SIZE="1", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port)
    )
    ranks = join_ranks(spec)
    # Other trainers would take these for a launcher's.
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        del os.environ[name]
    return ranks


def spec_with(
    spec: JobSpec,
    arch: Architecture,
    *,
    modes: tuple[RecomputeMode, ...] = MODES,
    compiled: bool,
    global_batch: int | None = None,
) -> JobSpec:
    """The specification with another model, whose blocks can run in these modes."""
    recipe = spec.recipe
    training = replace(
        recipe.training, compile=compiled, global_batch=global_batch or recipe.training.global_batch
    )
    recipe = replace(recipe, model=replace(recipe.model, architecture=arch), training=training)
    return replace(spec, recipe=recipe, recompute=[RecomputeLimit(mode, None) for mode in modes])
