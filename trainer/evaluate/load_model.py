"""An exported checkpoint (config.json, safetensors, tokenizer) as the training model."""

import os
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn

from trainer import manifest
from trainer.evaluate.memory import Dtype
from trainer.failure import StageError
from trainer.sft.architecture import read_architecture
from trainer.sft.model import CausalLM
from trainer.sft.model_folder import check_model_folder
from trainer.sft.weights import require_finite

TORCH_DTYPE: dict[Dtype, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}
# What the driver, the allocator's fragments and the kernels take of a device.
USABLE_SHARE = 0.92


def verified(folder: Path) -> str:
    """Digest of a checkpoint's manifest, all of whose files are as they were exported.

    Raises StageError `data` when the export has not finished or a file has changed since.
    """
    listed = manifest.read(folder)
    if listed is None or listed.get("stage") != "export":
        message = f"{folder} holds no finished export: its {manifest.NAME} is missing. Export the run first."
        raise StageError("data", message)
    damage = manifest.damage(folder, listed["files"])
    if damage is not None:
        raise StageError("data", f"The checkpoint is damaged: {damage}. Export the run again.")
    return manifest.sha256(folder / manifest.NAME)


def usable_bytes(device: torch.device) -> int:
    """What a device has for the model.

    Of all bytes of a GPU, not of those that happen to be free, so that the same device decodes in the same
    type; of what is free of the machine's memory, or of its container's.
    """
    if device.type == "cuda":
        return int(USABLE_SHARE * torch.cuda.mem_get_info(device)[1])
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, StopIteration):
        # Free pages do not count those of files, which are given up when memory is wanted.
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    with suppress(OSError, ValueError):
        limit, used = (
            int(Path("/sys/fs/cgroup", name).read_text()) for name in ("memory.max", "memory.current")
        )
        free = min(free, limit - used)
    return int(USABLE_SHARE * free)


def load_model(folder: Path, device: torch.device, dtype: Dtype) -> CausalLM:
    """The model with its weights in `dtype`; beside them one tensor as its file has it, never a second copy.

    Raises StageError `data` when the weights are not those that config.json describes, or no numbers.
    """
    arch = read_architecture(folder)
    check_model_folder(folder, arch)
    assert arch.vocabulary_size is not None, "a config.json always has it"
    with torch.device("meta"):
        model = CausalLM(arch, arch.vocabulary_size)
    wanted = {name for name, _ in model.named_parameters()}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt", device=str(device)) as file:
            for name in wanted.intersection(file.keys()):
                weight = file.get_tensor(name)
                require_finite(weight, name, path)
                owner, _, attribute = name.rpartition(".")
                parameter = nn.Parameter(weight.to(TORCH_DTYPE[dtype]), requires_grad=False)
                setattr(model.get_submodule(owner), attribute, parameter)
    return model
