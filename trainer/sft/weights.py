"""The weights a run starts from, put straight into each rank's shards: no process holds a whole model."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from trainer.failure import StageError
from trainer.sft.model import CausalLM
from trainer.sft.read_ahead import ReadAhead, Slice, shard_rows
from trainer.sft.safetensors_header import TensorHeader, damaged, places, read_header

DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}

# name, number of rows in all, first row, end row -> those rows
Rows = Callable[[str, torch.Size, int, int], Tensor]


@torch.no_grad()
def fill(model: CausalLM, rows: Rows, *, shard_index: int, num_shards: int, readers: int = 1) -> None:
    """Copies this rank's rows of each parameter from `rows` into its shard, cast to fp32.

    `readers`: threads that ask for the next rows meanwhile; a single one asks in the parameters' order.
    """
    shards: list[Tensor] = []
    asked: list[Callable[[], Tensor]] = []
    for name, parameter in model.named_parameters():
        local = parameter.to_local() if isinstance(parameter, DTensor) else parameter
        start, end = shard_rows(parameter.shape[0], shard_index=shard_index, num_shards=num_shards)
        assert local.shape[0] == end - start, name
        shards.append(local)
        asked.append(partial(rows, name, parameter.shape, start, end))
    for local, found in zip(shards, _ahead(asked, readers), strict=True):
        local.copy_(found)


def _ahead(asked: Iterable[Callable[[], Tensor]], readers: int) -> Iterator[Tensor]:
    """The rows in order. No more than one for each reader is held beside the one that is used."""
    with ThreadPoolExecutor(readers, "weights") as pool:
        waiting: deque[Future[Tensor]] = deque()
        for ask in asked:
            waiting.append(pool.submit(ask))
            if len(waiting) > readers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def from_scratch(*, initializer_range: float, seed: int) -> Rows:
    """The families' start: normal matrices, biases 0, norms 1; the same on any number of ranks."""
    generator = torch.Generator().manual_seed(seed)

    def rows(name: str, shape: torch.Size, start: int, end: int) -> Tensor:
        if name.endswith(".bias"):
            return torch.zeros(shape)[start:end]
        if len(shape) == 1:
            return torch.ones(shape)[start:end]
        return torch.empty(shape).normal_(0.0, initializer_range, generator=generator)[start:end]

    return rows


def from_folder(folder: Path, ahead: ReadAhead | None = None) -> Rows:
    """Rows of the safetensors files of a Hugging Face model folder, of which no other byte is read.

    Not through memory maps: they read ahead of each slice, ten times the bytes that 24 slices of 2.6 MB have.
    The rows may be asked for by several threads at once; what `ahead` has read is not read again. Raises
    StageError `missing-input` (no such file or tensor), `configuration` (another shape than the recipe's) or
    `data` (a damaged file, NaN or infinity).
    """
    place = places(folder)
    headers = {path: read_header(path) for path in sorted(set(place.values()))}

    def rows(name: str, shape: torch.Size, start: int, end: int) -> Tensor:
        path = place.get(name)
        if path is None or name not in headers[path]:
            raise StageError(
                "missing-input", f"{folder} holds no tensor {name}, which the recipe's model has."
            )
        tensor = headers[path][name]
        if tensor.shape != tuple(shape):
            message = (
                f"{path}: {name} has shape {list(tensor.shape)}, model.architecture implies "
                f"{list(shape)}. Copy the architecture from the model's config.json."
            )
            raise StageError("configuration", message)
        found = _read_rows(path, name, tensor, start, end, ahead)
        require_finite(found, name, path)
        return found

    return rows


def _read_rows(
    path: Path, name: str, tensor: TensorHeader, start: int, end: int, ahead: ReadAhead | None
) -> Tensor:
    dtype = DTYPES.get(tensor.data_type)
    if dtype is None:
        raise StageError(
            "configuration",
            f"{path}: {name} is of type {tensor.data_type}; weights of the types {', '.join(DTYPES)} can be "
            "trained.",
        )
    found = torch.empty((end - start, *tensor.shape[1:]), dtype=dtype)
    if found.numel() == 0:
        return found
    row_bytes = found[0].nbytes
    first = tensor.start + start * row_bytes
    ready = ahead.take(Slice(path, first, found.nbytes)) if ahead is not None else None
    if ready is not None:
        return torch.frombuffer(ready, dtype=dtype).view(found.shape)
    room = found.view(torch.uint8).numpy().data.cast("B")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        read = 0
        while read < len(room):
            # Of a large read the system gives what it likes, 2 GB at most.
            got = os.preadv(descriptor, [room[read:]], first + read)
            if got == 0:
                raise damaged(path, "became shorter while it was read")
            read += got
    finally:
        os.close(descriptor)
    return found


def require_finite(weight: Tensor, name: str, path: Path) -> None:
    """Raises StageError `data` for a weight that is no number: no learning rate fixes it."""
    # The sum is finite where all of them are, but for overflow, and needs no memory of the weight's size.
    if weight.sum(dtype=torch.float32).isfinite() or weight.isfinite().all():
        return
    kind = "NaN" if weight.isnan().any() else "infinity"
    raise StageError(
        "data", f"{path}: {name} holds {kind}, so the model says nothing. Fetch the model again."
    )
