"""An exported checkpoint (config.json, safetensors, tokenizer) as the training model."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from trainer import manifest
from trainer.failure import StageError
from trainer.sft.model import CausalLM
from trainer.spec import Architecture


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
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    with torch.device("meta"):
        model = CausalLM(_architecture(config), config["vocab_size"])
    weights = {}
    for path in sorted(folder.glob("*.safetensors")):
        weights.update(load_file(path, device=str(device)))
    try:
        model.load_state_dict({name: weight.float() for name, weight in weights.items()}, assign=True)
    except RuntimeError as error:
        message = f"The weights in {folder} do not fit its config.json: {error}. Export the run again."
        raise StageError("data", message) from error
    return model.requires_grad_(False)


def load_tokenizer(folder: Path) -> Tokenizer:
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    missing = [token for token in ("<|im_start|>", "<|im_end|>") if tokenizer.token_to_id(token) is None]
    if missing:
        message = (
            f"The tokenizer in {folder} lacks {' and '.join(missing)}, which bound thinking and answer; "
            "budget forcing needs a tokenizer with Qwen2.5's special tokens."
        )
        raise StageError("data", message)
    return tokenizer


def _architecture(config: dict[str, Any]) -> Architecture:
    """transformers 5 keeps the rotary base in `rope_parameters`, 4 beside the other fields."""
    rope = config.get("rope_parameters") or config
    return Architecture(
        layers=config["num_hidden_layers"],
        hidden_size=config["hidden_size"],
        query_heads=config["num_attention_heads"],
        key_value_heads=config["num_key_value_heads"],
        head_size=config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"],
        feed_forward_size=config["intermediate_size"],
        tied_embeddings=config["tie_word_embeddings"],
        rope_theta=rope["rope_theta"],
        rms_norm_epsilon=config["rms_norm_eps"],
        max_positions=config["max_position_embeddings"],
    )
