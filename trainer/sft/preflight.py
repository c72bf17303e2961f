"""Whether the machines are as fast as the cluster profile promises, measured before any weight is loaded.

A ring over the wrong network made a run of 26 minutes one of 18 hours, and nothing said so (s1 #111). Here it
is measured in seconds, told in an event, and refused below the profile's floors with the time that a step
would take.
"""

import os
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch

from trainer.events import Events
from trainer.failure import StageError
from trainer.sft import fabric, fp8, machines
from trainer.sft.fabric import Fabric
from trainer.sft.ranks import Ranks
from trainer.sft.read_ahead import ReadAhead
from trainer.sft.together import together
from trainer.spec import Architecture, Expected, Floors, Job, JobSpec

# CUDA context and NCCL's buffers, in use by now, and the fragmentation to come: the plan's peak counts them.
RUNTIME_BYTES = 3e9


@dataclass(frozen=True, slots=True)
class Rates:
    """What was measured of all machines."""

    hosts: Sequence[str]
    """By rank."""
    gemm_flops_per_second: Sequence[float]
    """By rank."""
    ring_bytes_per_second: float | None
    """None with a single rank."""
    disk_bytes_per_second: Sequence[float]
    """By node."""
    fabrics: Sequence[Fabric]
    """By rank."""
    transport: str | None = None
    """What NCCL took to reach other nodes; None: unknown, or not NCCL."""


def check(job: Job, ranks: Ranks, events: Events, ahead: ReadAhead | None = None) -> None:
    """Measures, and tells it in an event; all ranks call it together. `ahead` pauses where it would disturb.

    Always on CUDA; on processors only where the profile has floors. Raises StageError `unfit`, the
    same on all ranks, when a device's memory is held by another process or a rate is below its floor.
    """
    spec, device, per_node = job.spec, ranks.device, job.spec.world.devices_per_node
    if spec.device == "cpu" and spec.floors is None:
        return
    started = time.perf_counter()
    hosts = together(lambda: os.uname().nodename)
    # Before anything is allocated that a full device has no room for.
    free = [part for part in together(lambda: machines.free_memory_bytes(device)) if part is not None]
    _raise(memory_refusal(hosts, free, spec.expected))
    if spec.recipe.training.fp8:
        _raise(next(filter(None, together(lambda: fp8.refusal(_capability(device)))), None))
    fabrics = together(fabric.look)
    _warn(events, hosts, fabrics)
    gemm = together(lambda: machines.gemm_flops_per_second(device))
    writes = ranks.rank % per_node == 0
    # Weights that are read meanwhile would share the disk, and the network where the volume is behind it.
    with ahead.paused() if ahead is not None else nullcontext():
        ring = machines.ring_bytes_per_second(device, block_bytes(spec))
        disk = together(lambda: machines.disk_bytes_per_second(job.work, device) if writes else 0.0)
    if device.type == "cuda":
        torch.cuda.empty_cache()  # Training's own blocks would not fit into those that were measured with.
    transport, *_ = together(lambda: fabric.taken(os.environ, os.getpid()) if device.type == "cuda" else None)
    rates = Rates(hosts, gemm, ring, disk[::per_node], fabrics, transport)
    if ranks.rank == 0:
        events.preflight(
            seconds=time.perf_counter() - started,
            gemm_flops_per_second=rates.gemm_flops_per_second,
            ring_bytes_per_second=rates.ring_bytes_per_second,
            disk_bytes_per_second=rates.disk_bytes_per_second,
            memory_free_bytes=free,
            fabrics=fabrics[::per_node],
            transport=transport,
        )
    if spec.floors is not None:
        _raise(rates_refusal(rates, spec.floors, spec.expected, devices_per_node=per_node))


def _capability(device: torch.device) -> tuple[int, int] | None:
    return torch.cuda.get_device_capability(device) if device.type == "cuda" else None


def block_bytes(spec: JobSpec) -> int:
    """Bytes of one block's weights in the compute type: what training gathers at a time."""
    arch: Architecture = spec.recipe.model.architecture
    heads = 2 * (arch.query_heads + arch.key_value_heads) * arch.head_size
    weights = arch.hidden_size * (heads + 3 * arch.feed_forward_size)
    return weights * (4 if spec.recipe.training.compute == "fp32" else 2)


def memory_refusal(hosts: Sequence[str], free: Sequence[int], expected: Expected) -> str | None:
    """Why the devices cannot hold the job; None where they can. `free`: bytes by rank, none on processors."""
    needed = expected.memory_bytes - RUNTIME_BYTES
    rank = min(range(len(free)), key=free.__getitem__, default=None)
    if rank is None or free[rank] >= needed:
        return None
    return (
        f"The device of rank {rank} on {hosts[rank]} has {_gb(free[rank])} of memory free, the largest step "
        f"needs {_gb(needed)}. Another process holds the rest (nvidia-smi on that host shows which; end it), "
        "or the device is smaller than the cluster profile says (correct device.memory)."
    )


def rates_refusal(rates: Rates, floors: Floors, expected: Expected, *, devices_per_node: int) -> str | None:
    """What is below its floor, what a step would take, and what to do; None where all is well."""
    reasons: list[str] = []
    gemm, ring, disk = rates.gemm_flops_per_second, rates.ring_bytes_per_second, rates.disk_bytes_per_second
    rank = min(range(len(gemm)), key=gemm.__getitem__)
    if gemm[rank] < floors.gemm_flops_per_second:
        reasons.append(
            f"The slowest device, rank {rank} on {rates.hosts[rank]}, multiplies matrices at "
            f"{_tflops(gemm[rank])}, below the floor of {_tflops(floors.gemm_flops_per_second)}: look there "
            "for a low clock, heat, a power limit or another process, or leave that host out."
        )
    if ring is not None and ring < floors.ring_bytes_per_second:
        first = fabric.slow_ring(rates.hosts, rates.fabrics, rates.transport)
        reasons.append(
            f"The ring of all ranks carries {_gb(ring)}/s, below the floor of "
            f"{_gb(floors.ring_bytes_per_second)}/s: {first}."
        )
    node = min(range(len(disk)), key=disk.__getitem__)
    if disk[node] < floors.disk_bytes_per_second:
        reasons.append(
            f"{rates.hosts[node * devices_per_node]} writes {_gb(disk[node])}/s into the work folder, below "
            f"the floor of {_gb(floors.disk_bytes_per_second)}/s: use a faster volume."
        )
    if not reasons:
        return None
    step_time = _implied(gemm[rank], ring, expected)
    return " ".join([*reasons, *step_time, "If the cluster is meant to be so, lower floors in its profile."])


def _implied(gemm: float, ring: float | None, expected: Expected) -> list[str]:
    """The step time that the rates allow, where it is more than planned; better rates make no step faster."""
    compute = expected.compute_seconds * max(1.0, expected.gemm_flops_per_second / gemm)
    network = expected.network_seconds
    if ring is not None:
        network *= max(1.0, expected.ring_bytes_per_second / ring)
    # The larger of the two hides the other; the plan's tail comes after both.
    planned, slowed = max(expected.compute_seconds, expected.network_seconds), max(compute, network)
    if slowed <= planned:
        return []
    implied = expected.step_seconds - planned + slowed
    return [f"A step would take {implied:.3g} s; {expected.step_seconds:.3g} s are planned."]


def _warn(events: Events, hosts: Sequence[str], fabrics: Sequence[Fabric]) -> None:
    """Before the ring: where memory cannot be pinned, NCCL's own error says nothing of it."""
    several = len(set(hosts)) > 1 and any(each.adapters for each in fabrics)
    if several and (reason := fabric.obstacle(hosts, fabrics)) is not None:
        events.note(f"{reason}.", level="warning")


def _raise(refusal: str | None) -> None:
    if refusal is not None:
        raise StageError("unfit", refusal)


def _gb(num_bytes: float) -> str:
    return f"{num_bytes / 1e9:.3g} GB"


def _tflops(rate: float) -> str:
    return f"{rate / 1e12:.3g} TFLOP/s"
