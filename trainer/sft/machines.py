"""How fast a rank's device, the network of all ranks and the work folder's disk are, in seconds each."""

import os
import statistics
import time
from pathlib import Path

import torch
import torch.distributed as dist

from trainer.failure import StageError
from trainer.sft.together import together

# Each part ends after so long, with what it has measured by then.
PART_SECONDS = 4.0
NETWORK_LIMIT_SECONDS = 10.0
# Rows of the product. 8,192 in bf16 take 1.4 ms at an H200's 780 TFLOP/s; 768 in fp32 about 15 ms on a core.
GEMM_SIZE = {"cuda": 8192, "cpu": 768}
GEMM_REPEATS = 30
# Below this, latency would be measured instead of bandwidth.
SMALLEST_GATHER = {"cuda": 64_000_000, "cpu": 4_000_000}
GATHER_REPEATS = 20
DISK_BYTES = {"cuda": 256_000_000, "cpu": 32_000_000}
DISK_CHUNK = 16_000_000


def gemm_flops_per_second(device: torch.device) -> float:
    """Rate of square matrix products: bf16 on CUDA, fp32 on processors; the median of the repeats.

    Of random numbers: products of zeros flip fewer bits, draw less power and run faster than training does.
    """
    size, dtype = GEMM_SIZE[device.type], torch.bfloat16 if device.type == "cuda" else torch.float32
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    out = torch.empty_like(a)
    rates: list[float] = []
    deadline = time.perf_counter() + PART_SECONDS
    # The first products load kernels and raise the clock.
    for repeat in range(-5, GEMM_REPEATS):
        _finish(device)
        started = time.perf_counter()
        torch.mm(a, b, out=out)
        _finish(device)
        ended = time.perf_counter()
        if repeat >= 0:
            rates.append(2 * size**3 / (ended - started))
        if rates and ended > deadline:
            break
    return statistics.median(rates)


def ring_bytes_per_second(device: torch.device, num_bytes: int) -> float | None:
    """Bus bandwidth of an all-gather of `num_bytes` over all ranks, for each rank; None for a single rank.

    bytes * (n - 1) / n / seconds, as nccl-tests' busbw (its PERFORMANCE.md): what each link of a ring
    carries, whatever the number of ranks. All ranks call it together and get the same. Raises StageError
    `infrastructure` when the network moves next to nothing.
    """
    num_ranks = dist.get_world_size()
    if num_ranks == 1:
        return None
    per_rank = max(num_bytes, SMALLEST_GATHER[device.type]) // num_ranks
    # The first collective sets up the connections.
    _gather_seconds(device, 1, repeats=1)
    # A probe of a sixteenth, because a whole one can take minutes on a slow network.
    size = max(per_rank // 16, 1)
    seconds = _gather_seconds(device, size, repeats=1)
    repeats = min(GATHER_REPEATS, int(PART_SECONDS / (16 * seconds)))
    if repeats > 0:
        size, seconds = per_rank, _gather_seconds(device, per_rank, repeats=repeats)
    return size * (num_ranks - 1) / seconds


def disk_bytes_per_second(folder: Path, device: torch.device) -> float:
    """Rate of writing through to the disk that `folder` is on. Leaves nothing behind."""
    path = folder / f".preflight-{os.uname().nodename}-{os.getpid()}"
    chunk = os.urandom(DISK_CHUNK)  # Some disks and file systems compress.
    written = 0
    started = time.perf_counter()
    try:
        with path.open("wb") as file:
            while written < DISK_BYTES[device.type] and time.perf_counter() - started < PART_SECONDS:
                file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                written += len(chunk)
        return written / (time.perf_counter() - started)
    finally:
        path.unlink(missing_ok=True)


def free_memory_bytes(device: torch.device) -> int | None:
    """What this process can still allocate on its device; None on processors, whose memory is no device's."""
    if device.type != "cuda":
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


def _gather_seconds(device: torch.device, size: int, *, repeats: int) -> float:
    """Seconds of one all-gather of `size` bytes from each rank, on the rank that takes longest."""
    own = torch.zeros(size, dtype=torch.uint8, device=device)
    everything = torch.empty(size * dist.get_world_size(), dtype=torch.uint8, device=device)
    _finish(device)
    # All begin at once. Not a barrier: NCCL's has no limit of its own on a network that does not work.
    together(lambda: None)
    started = time.perf_counter()
    for _ in range(repeats):
        work = dist.all_gather_into_tensor(everything, own, async_op=True)
        assert work is not None
        _wait(work, size)
    seconds = time.perf_counter() - started
    return max(together(lambda: seconds)) / repeats


def _wait(work: dist.Work, size: int) -> None:
    # Not work.wait() alone: with NCCL that returns at once, and the next wait for the device has no limit.
    deadline = time.perf_counter() + NETWORK_LIMIT_SECONDS
    while not work.is_completed():
        if time.perf_counter() > deadline:
            message = (
                f"An all-gather of {size:,} bytes from each rank did not end in {NETWORK_LIMIT_SECONDS:.0f} "
                "s. The ranks can meet, but the network of their collectives does not work: check "
                "network.env of the cluster profile (NCCL_SOCKET_IFNAME, NCCL_IB_HCA), and run with "
                "NCCL_DEBUG=INFO."
            )
            raise StageError("unfit", message)
        time.sleep(0)
    work.wait()


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
