"""The ranks, and how the work is spread over them.

Four nodes of two devices, sequences shared by two ranks, `hybrid` sharding:

    rank                       0   1   2   3   4   5   6   7
    group (packs a sequence)   0   0   1   1   2   2   3   3
    place in the group         0   1   0   1   0   1   0   1
    shard of each weight       0   1   0   1   0   1   0   1     (`full`: 0 to 7)

Whatever the layout, gradients are sums over all ranks: each labelled token is on exactly one of them, and its
weight already averages over the step's samples.
"""

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from trainer.failure import StageError
from trainer.sft import fabric
from trainer.spec import JobSpec

# Until the first step is done, ranks wait for one another's downloads, disks and compilers.
STARTUP_TIMEOUT = timedelta(minutes=30)
SHORTEST_TIMEOUT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Ranks:
    """One rank's place among all."""

    device: torch.device
    rank: int
    world: int
    group: dist.ProcessGroup | None
    """The neighbours that share this rank's packed sequence; None when it has its own."""
    group_index: int
    num_groups: int
    index_in_group: int
    group_size: int
    mesh: DeviceMesh
    """What weights are spread over: axis `shard`, behind an axis `replicate` where there are replicas."""
    shard_index: int
    num_shards: int

    @property
    def num_replicas(self) -> int:
        """How often each shard is there."""
        return self.world // self.num_shards


def join_ranks(spec: JobSpec) -> Ranks:
    """Joins the process group that torchrun describes.

    Raises StageError `configuration` when the ranks are not the specification's or cannot share its batch.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    require_shareable(spec, world)
    if spec.device == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    else:
        device = torch.device("cpu")
        # One thread a process: several ranks on the same cores were 7x slower with more.
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    fabric.ask_nccl(os.environ)
    # gloo carries the small host-side exchanges even where nccl carries the tensors.
    backend = "cpu:gloo,cuda:nccl" if spec.device == "cuda" else "gloo"
    dist.init_process_group(backend, timeout=STARTUP_TIMEOUT)
    return take_place(spec, device)


def take_place(spec: JobSpec, device: torch.device) -> Ranks:
    """This rank's place, once there is a process group of as many ranks as the specification has."""
    world = dist.get_world_size()
    rank, group_size = dist.get_rank(), spec.sequence_parallel
    replicas = spec.world.nodes if spec.sharding == "hybrid" else 1
    mesh = (
        init_device_mesh(device.type, (world,), mesh_dim_names=("shard",))
        if replicas == 1
        else init_device_mesh(
            device.type, (replicas, world // replicas), mesh_dim_names=("replicate", "shard")
        )
    )
    group = None
    if group_size > 1:
        grid = init_device_mesh(
            device.type, (world // group_size, group_size), mesh_dim_names=("group", "place")
        )
        group = grid.get_group("place")
    return Ranks(
        device=device,
        rank=rank,
        world=world,
        group=group,
        group_index=rank // group_size,
        num_groups=world // group_size,
        index_in_group=rank % group_size,
        group_size=group_size,
        mesh=mesh,
        shard_index=mesh.get_local_rank("shard"),
        num_shards=mesh["shard"].size(),
    )


def require_shareable(spec: JobSpec, world: int) -> None:
    """Raises StageError `configuration` where so many ranks cannot do this job."""
    refusal = _refusal(spec, world)
    if refusal is not None:
        raise StageError("configuration", refusal)


def shorten_timeouts(ranks: Ranks, *, step_seconds: float, hang_seconds: float) -> None:
    """From the first finished step on a rank that stays away is lost, not late; all ranks call it together.

    `step_seconds`: what the plan expects of a step; a step may still take ten times that. A hang is seen
    before, from outside (trainer.supervise.hang), where more can be told of it: NCCL's own watchdog aborts
    the process.
    """
    timeout = max(
        SHORTEST_TIMEOUT,
        timedelta(seconds=10 * step_seconds),
        timedelta(seconds=2 * (step_seconds + hang_seconds)),
    )
    # Public only in newer releases than 2.11.
    set_timeout = getattr(dist, "set_timeout", None) or dist.distributed_c10d._set_pg_timeout
    for group in (dist.group.WORLD, ranks.group, *ranks.mesh.get_all_groups()):
        if group is not None:
            set_timeout(timeout, group)


def _refusal(spec: JobSpec, world: int) -> str | None:
    """Why these ranks cannot do this job; None when they can."""
    shared, devices = spec.sequence_parallel, spec.world.devices_per_node
    heads, batch = spec.recipe.model.architecture.key_value_heads, spec.recipe.training.global_batch
    if world != spec.world.size:
        return (
            f"{world} ranks were started, the specification has {spec.world.size} (nodes x devicesPerNode)."
        )
    if devices % shared != 0:
        return (
            f"sequenceParallel is {shared}, but ranks that share a sequence must be on one node, and a node "
            f"has {devices} devices. Set training.sequenceParallel to a divisor of {devices}, or to auto."
        )
    if heads % shared != 0:
        return (
            f"sequenceParallel is {shared}, but the model's {heads} key/value heads cannot be shared equally "
            f"by {shared} ranks. Set training.sequenceParallel to a divisor of {heads}, or to auto."
        )
    groups = world // shared
    if batch < groups:
        sharers = "ranks" if shared == 1 else f"groups of {shared} ranks"
        return (
            f"training.globalBatch is {batch}, but each of the {groups} {sharers} needs a sample in every "
            f"step. Set it to {groups} or more, or use fewer devices."
        )
    return None
