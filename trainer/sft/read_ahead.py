"""A rank's slices of the weights, read while torch is imported, ranks meet and machines are measured.

The work volume is what loading waits for, and until a process has imported torch it asks nothing of it. What
is read here lies in memory until the weights are filled in; what was not begun by then is read as ever. This
module imports no torch.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trainer.failure import StageError
from trainer.model_files import model_folder
from trainer.sft.safetensors_header import TensorHeader, places, read_header
from trainer.spec import Job

# So many reads of a network volume are on their way at once.
READERS = 2
# Of each rank; the plan counts 2 GB of host memory for loading.
MOST_BYTES = 1_500_000_000
# A pause begins when those on their way have come.
CHUNK_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Slice:
    """Bytes of a file that lie one behind the other."""

    path: Path
    start: int
    num_bytes: int


class ReadAhead:
    """Reads slices in the background, in their order; each may be taken once."""

    def __init__(self, slices: Iterable[Slice] = ()) -> None:
        self._turns = threading.Semaphore(READERS)
        # A semaphore alone is not fair: who has just read would read again before who waits to pause.
        self._goes_on = threading.Event()
        self._goes_on.set()
        self._pool = ThreadPoolExecutor(READERS, "read-ahead")
        self._reads: dict[Slice, Future[bytearray | None]] = {}
        for each in slices:
            self._reads[each] = self._pool.submit(self._read, each)

    def take(self, wanted: Slice) -> bytearray | None:
        """The bytes, waited for where their reading has begun; None where it has not, or has failed.

        Whoever reads them then finds what is wrong with the file, and says it.
        """
        read = self._reads.pop(wanted, None)
        return None if read is None or read.cancel() else read.result()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While it is entered nothing is read: for measurements of what the reads would share."""
        self._goes_on.clear()
        for _ in range(READERS):
            self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release(READERS)
            self._goes_on.set()

    def close(self) -> None:
        """Lets go of what nobody has taken."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._reads.clear()

    def _read(self, each: Slice) -> bytearray | None:
        buffer = bytearray(each.num_bytes)
        view = memoryview(buffer)
        try:
            descriptor = os.open(each.path, os.O_RDONLY)
        except OSError:
            return None
        try:
            read = 0
            while read < each.num_bytes:
                self._goes_on.wait()
                with self._turns:
                    got = os.preadv(descriptor, [view[read : read + CHUNK_BYTES]], each.start + read)
                if got == 0:
                    return None
                read += got
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return buffer


def read_ahead(job: Job, *, rank: int) -> ReadAhead:
    """Begins with this rank's slices of a pretrained model, in the files' order, as many as memory is for.

    With nothing where training goes on from a checkpoint, or where the files are not as they should be.
    """
    model = job.spec.recipe.model
    if model.kind == "scratch" or any((job.work / "checkpoints").glob("step-*")):
        return ReadAhead()
    try:
        folder = model_folder(job.spec, job.work)
        files = sorted(set(places(folder).values()))
        tensors = [(path, *entry) for path in files for entry in read_header(path).items()]
    except (StageError, OSError, ValueError, KeyError):
        return ReadAhead()
    world = job.spec.world
    num_shards = world.devices_per_node if job.spec.sharding == "hybrid" else world.size
    # A tied model has no head of its own, whatever its files hold.
    needless = {"lm_head.weight"} if model.architecture.tied_embeddings else set[str]()
    slices = (
        shard_of(path, tensor, shard_index=rank % num_shards, num_shards=num_shards)
        for path, name, tensor in tensors
        if name not in needless and tensor.shape
    )
    return ReadAhead(_first(slices, MOST_BYTES))


def shard_of(path: Path, tensor: TensorHeader, *, shard_index: int, num_shards: int) -> Slice:
    """A shard's bytes of a tensor."""
    rows = tensor.shape[0]
    first, end = shard_rows(rows, shard_index=shard_index, num_shards=num_shards)
    row_bytes = (tensor.end - tensor.start) // max(rows, 1)
    return Slice(path, tensor.start + first * row_bytes, (end - first) * row_bytes)


def shard_rows(rows: int, *, shard_index: int, num_shards: int) -> tuple[int, int]:
    """First row and end of a shard: FSDP shards the first axis as torch.chunk does, in blocks of
    ceil(rows / shards), the last ones short."""
    block = -(-rows // num_shards)
    return min(shard_index * block, rows), min((shard_index + 1) * block, rows)


def _first(slices: Iterable[Slice], most_bytes: int) -> Iterator[Slice]:
    total = 0
    for each in slices:
        total += each.num_bytes
        if total > most_bytes:
            return
        if each.num_bytes > 0:
            yield each
