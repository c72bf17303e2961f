"""The header of a safetensors file: which tensors it holds, and whether it is all there. Reads no weights."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.failure import StageError

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
# What the format's own reader refuses as too large.
MOST_HEADER_BYTES = 100_000_000
BYTES_OF_TYPE = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TensorHeader:
    data_type: str
    shape: tuple[int, ...]
    start: int
    """Place of its first byte in the file."""
    end: int


def read_header(path: Path) -> dict[str, TensorHeader]:
    """The tensors of a file by name. Raises StageError `data` for a file that is absent, cut, or not one."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
            if (head + file.peek(64))[: len(LFS_POINTER)] == LFS_POINTER:
                raise damaged(
                    path, "is a pointer of Git LFS, not the file itself", "Run `git lfs pull` in its folder."
                )
            length = int.from_bytes(head, "little")
            if size < 8 or length > min(size - 8, MOST_HEADER_BYTES):
                raise damaged(path, f"has {size:,} bytes, fewer than its header alone: it was cut short")
            content = json.loads(file.read(length))
    except OSError as error:
        raise damaged(path, f"cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise damaged(path, "is no safetensors file, for its header is not JSON") from error
    return _checked(path, content, begin=8 + length, size=size)


def places(folder: Path) -> dict[str, Path]:
    """The file of each tensor of a Hugging Face model folder. Raises StageError `missing-input`."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        weight_map: dict[str, str] = json.loads(index.read_text())["weight_map"]
        return {name: folder / file for name, file in weight_map.items()}
    single = folder / "model.safetensors"
    if not single.is_file():
        raise StageError(
            "missing-input", f"{folder} holds neither model.safetensors nor an index of several files."
        )
    return dict.fromkeys(read_header(single), single)


def damaged(path: Path, what: str, todo: str = "Fetch the model again.") -> StageError:
    return StageError("data", f"{path} {what}. {todo}", where=str(path))


def _checked(path: Path, content: Any, *, begin: int, size: int) -> dict[str, TensorHeader]:
    """The header's entries, whose bytes lie one behind the other and end where the file ends."""
    tensors = {}
    try:
        for name, entry in content.items():
            if name != "__metadata__":
                first, last = entry["data_offsets"]
                shape = tuple(int(size) for size in entry["shape"])
                tensors[name] = TensorHeader(entry["dtype"], shape, begin + int(first), begin + int(last))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise damaged(path, "is no safetensors file, for its header lists no tensors") from error
    reached = begin
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].start):
        width = BYTES_OF_TYPE.get(tensor.data_type)
        if tensor.start != reached or (
            width is not None and tensor.end - tensor.start != width * math.prod(tensor.shape)
        ):
            raise damaged(path, f"is damaged: the place of {name} is not that of its shape and type")
        reached = tensor.end
    if size != reached:
        state = "was cut short" if size < reached else "goes on behind its last tensor"
        raise damaged(path, f"has {size:,} bytes, its header says {reached:,}: it {state}")
    return tensors
