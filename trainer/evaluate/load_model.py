"""An exported checkpoint (config.json, safetensors, tokenizer) as the training model."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from trainer import manifest
from trainer.failure import StageError
from trainer.sft.architecture import read_architecture
from trainer.sft.model import CausalLM


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


def load_model(folder: Path, device: torch.device) -> CausalLM:
    """The model in fp32, as s1 evaluated: in bf16 greedy output changes with the batch (paper, appendix B).

    Raises StageError `data` when the weights are not those that config.json describes.
    """
    arch = read_architecture(folder)
    assert arch.vocabulary_size is not None, "a config.json always has it"
    with torch.device("meta"):
        model = CausalLM(arch, arch.vocabulary_size)
    weights = {}
    for path in sorted(folder.glob("*.safetensors")):
        weights.update(load_file(path, device=str(device)))
    try:
        model.load_state_dict({name: weight.float() for name, weight in weights.items()}, assign=True)
    except RuntimeError as error:
        message = f"The weights in {folder} do not fit its config.json: {error}. Export the run again."
        raise StageError("data", message) from error
    return model.requires_grad_(False)
