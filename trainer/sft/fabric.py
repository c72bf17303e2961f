"""What a pod has to reach the other nodes with, and which of it NCCL took.

NCCL falls back to TCP sockets in silence wherever it cannot open an adapter: no library in the image, no
adapter in the pod, no memory that may be pinned. Each has another remedy in another place.
"""

import ctypes
import os
import re
import resource
import tempfile
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIBRARY = "libibverbs.so.1"
# Adapters pin the buffers that they read; containers often may pin 64 KiB or 8 MiB, and NCCL takes several
# MiB a channel.
ENOUGH_PINNABLE_BYTES = 1 << 30
# NCCL 2.30 says both in its INIT messages; older releases only the second.
TAKEN = re.compile(r"Assigned NET plugin (.+) to comm|Using network (.+)")
LOG = "stint-nccl-"


@dataclass(frozen=True, slots=True)
class Fabric:
    """Of one rank's pod."""

    adapters: Sequence[str]
    """InfiniBand, RoCE and EFA devices that the pod sees, by name."""
    active: Sequence[str]
    """Those of them with a port that is up."""
    library_error: str | None
    """Why the library that opens adapters cannot be loaded; None where it can."""
    pinnable_bytes: int | None
    """None: as many as there are."""


def look(system: Path = Path("/sys"), library: str = LIBRARY) -> Fabric:
    """Reads what this pod has; `system`: where the kernel shows its devices."""
    folder = system / "class" / "infiniband"
    adapters = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return Fabric(
        adapters=adapters,
        active=[name for name in adapters if _is_active(folder / name)],
        library_error=library_error(library),
        pinnable_bytes=None if limit == resource.RLIM_INFINITY else limit,
    )


def library_error(name: str) -> str | None:
    """Why a shared library cannot be opened, in the loader's words; None where it can."""
    try:
        ctypes.CDLL(name)
    except OSError as error:
        return str(error)
    return None


def ask_nccl(environment: MutableMapping[str, str]) -> None:
    """Makes NCCL write down which network it takes; call it before a process group is made.

    Not where somebody reads NCCL's messages already: theirs stay where they are.
    """
    if any(name in environment for name in ("NCCL_DEBUG", "NCCL_DEBUG_FILE", "NCCL_DEBUG_SUBSYS")):
        return
    environment["NCCL_DEBUG"] = "INFO"
    environment["NCCL_DEBUG_SUBSYS"] = "INIT,NET"
    # NCCL puts the process id in place of %p.
    environment["NCCL_DEBUG_FILE"] = str(Path(tempfile.gettempdir()) / f"{LOG}%p")


def taken(environment: MutableMapping[str, str], pid: int) -> str | None:
    """The network that NCCL has taken in this process: `IB`, `Socket` or a plugin's name; None: unknown."""
    pattern = environment.get("NCCL_DEBUG_FILE")
    if pattern is None:
        return None
    path = Path(pattern.replace("%p", str(pid)).replace("%h", os.uname().nodename))
    try:
        found = TAKEN.findall(path.read_text(errors="replace"))
    except OSError:
        return None
    return "".join(found[-1]).strip() if found else None


def slow_ring(hosts: Sequence[str], fabrics: Sequence[Fabric], transport: str | None) -> str:
    """What to look at first where the ring of all ranks is slow: one thing, where it has to change."""
    if len(set(hosts)) == 1:
        return (
            "all ranks are on one host, so its own links between devices are slow: compare "
            "`nvidia-smi topo -m` and `nvidia-smi nvlink --status` there with another host"
        )
    if transport not in (None, "Socket"):
        return (
            f"NCCL took {transport}, so adapters are used: check which ones (NCCL_IB_HCA in network.env of "
            "the cluster profile), their rate (`ibstat` on the hosts) and the switches"
        )
    took = "NCCL took TCP sockets. " if transport == "Socket" else ""
    if (reason := obstacle(hosts, fabrics)) is not None:
        return took + reason
    return (
        f"{took}Adapters are there, up, and can be opened: check NCCL_NET, NCCL_IB_DISABLE, NCCL_IB_HCA and "
        "NCCL_SOCKET_IFNAME in network.env of the cluster profile"
    )


def obstacle(hosts: Sequence[str], fabrics: Sequence[Fabric]) -> str | None:
    """The first host on which adapters cannot be used, and why; None where they can be on all."""
    for host, fabric in zip(hosts, fabrics, strict=True):
        if (reason := _obstacle(fabric)) is not None:
            return f"On {host} {reason}"
    return None


def _obstacle(fabric: Fabric) -> str | None:
    """What keeps adapters from being used, the cause before what follows from it; None where nothing does."""
    if not fabric.adapters:
        return (
            "the pod sees no adapter (/sys/class/infiniband is empty): if the nodes have some, "
            "network.resources of the cluster profile must ask for them"
        )
    seen = f"the pod sees {', '.join(fabric.adapters)}, but"
    if fabric.library_error is not None:
        return (
            f"{seen} the image cannot open them ({fabric.library_error}): build it with the packages of "
            "ops/images/trainer/network.txt"
        )
    if not fabric.active:
        return f"{seen} no port is active: look at the cable, the switch or the subnet manager"
    if (limit := fabric.pinnable_bytes) is not None and limit < ENOUGH_PINNABLE_BYTES:
        return (
            f"{seen} a process may pin only {limit:,} bytes of memory (`ulimit -l`): set "
            "LimitMEMLOCK=infinity for the container runtime on the nodes"
        )
    return None


def _is_active(adapter: Path) -> bool:
    states = [path.read_text() for path in adapter.glob("ports/*/state")]
    return any("ACTIVE" in state for state in states)
