"""The weights a run starts from, put straight into each rank's shards: no process holds a whole model."""

import json
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor
from torch.distributed.tensor import DTensor

from trainer.failure import StageError
from trainer.sft.model import CausalLM

# name, number of rows in all, first row, end row -> those rows
Rows = Callable[[str, torch.Size, int, int], Tensor]


@torch.no_grad()
def fill(model: CausalLM, rows: Rows, *, shard_index: int, num_shards: int) -> None:
    """Copies this rank's rows of each parameter from `rows` into its shard, cast to fp32."""
    for name, parameter in model.named_parameters():
        local = parameter.to_local() if isinstance(parameter, DTensor) else parameter
        # FSDP shards the first axis as torch.chunk does: blocks of ceil(size / shards), the last ones short.
        size = parameter.shape[0]
        block = -(-size // num_shards)
        start = min(shard_index * block, size)
        assert local.shape[0] == min(block, size - start), name
        local.copy_(rows(name, parameter.shape, start, start + local.shape[0]))


def from_scratch(*, initializer_range: float, seed: int) -> Rows:
    """Qwen2's start: normal matrices, biases 0, norms 1; the same on any number of ranks."""
    generator = torch.Generator().manual_seed(seed)

    def rows(name: str, shape: torch.Size, start: int, end: int) -> Tensor:
        if name.endswith(".bias"):
            return torch.zeros(shape)[start:end]
        if len(shape) == 1:
            return torch.ones(shape)[start:end]
        return torch.empty(shape).normal_(0.0, initializer_range, generator=generator)[start:end]

    return rows


def from_folder(folder: Path) -> Rows:
    """Rows of the safetensors files of a Hugging Face model folder.

    Raises StageError `missing-input` (no such file or tensor), `configuration` (another shape than the
    recipe's) or `data` (NaN or infinity).
    """
    place = _places(folder)

    def rows(name: str, shape: torch.Size, start: int, end: int) -> Tensor:
        if name not in place:
            raise StageError("missing-input", f"{folder} holds no tensor {name}; is it a Qwen2 checkpoint?")
        with safe_open(place[name], framework="pt") as file:
            part = file.get_slice(name)
            if tuple(part.get_shape()) != tuple(shape):
                message = (
                    f"{place[name]}: {name} has shape {part.get_shape()}, model.architecture implies "
                    f"{list(shape)}. Copy the architecture from the model's config.json."
                )
                raise StageError("configuration", message)
            found: Tensor = part[start:end]
            require_finite(found, name, place[name])
            return found

    return rows


def require_finite(weight: Tensor, name: str, path: Path) -> None:
    """Raises StageError `data` for a weight that is no number: no learning rate mends it."""
    # The sum is finite where all of them are, but for overflow, and needs no memory of the weight's size.
    if weight.sum(dtype=torch.float32).isfinite() or weight.isfinite().all():
        return
    kind = "NaN" if weight.isnan().any() else "infinity"
    raise StageError(
        "data", f"{path}: {name} holds {kind}, so the model says nothing. Fetch the model again."
    )


def _places(folder: Path) -> dict[str, Path]:
    """The file of each tensor."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        weight_map: dict[str, str] = json.loads(index.read_text())["weight_map"]
        return {name: folder / file for name, file in weight_map.items()}
    single = folder / "model.safetensors"
    if not single.is_file():
        raise StageError(
            "missing-input", f"{folder} holds neither model.safetensors nor an index of several files."
        )
    with safe_open(single, framework="pt") as file:
        return dict.fromkeys(file.keys(), single)
