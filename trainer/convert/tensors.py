"""A Llama's tensors under Qwen2's names.

Both compute the same, except that Qwen2 adds biases to q, k and v: with biases of zero a Llama is a Qwen2.
"""

from collections.abc import Iterator

import numpy as np
import torch
from gguf import GGUFReader, ReaderTensor, dequantize
from torch import Tensor

from trainer.convert.rotary import halves
from trainer.failure import StageError
from trainer.spec import Architecture

WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
OF_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def qwen2_tensors(reader: GGUFReader, arch: Architecture) -> dict[str, Tensor]:
    """Every tensor in bf16. Raises StageError `configuration` for one that Qwen2 does not have."""
    return {
        name: tensor.to(torch.bfloat16) for found in reader.tensors for name, tensor in _renamed(found, arch)
    }


def _renamed(found: ReaderTensor, arch: Architecture) -> Iterator[tuple[str, Tensor]]:
    if found.name in WHOLE:
        yield WHOLE[found.name], torch.from_numpy(_values(found))
        return
    match found.name.split("."):
        case ["blk", layer, part, "weight"] if part in OF_LAYER:
            name = f"model.layers.{layer}.{OF_LAYER[part]}"
        case _:
            message = (
                f"The file holds a tensor {found.name}, which no plain Llama has, so a Qwen2 cannot "
                "compute the same. Choose another model."
            )
            raise StageError("configuration", message)
    values = _values(found)
    if part == "attn_q":
        values = halves(values, num_heads=arch.query_heads)
    elif part == "attn_k":
        values = halves(values, num_heads=arch.key_value_heads)
    yield f"{name}.weight", torch.from_numpy(values)
    if part in ("attn_q", "attn_k", "attn_v"):
        yield f"{name}.bias", torch.zeros(values.shape[0])


def _values(found: ReaderTensor) -> np.ndarray:
    return np.array(dequantize(found.data, found.tensor_type), dtype=np.float32)
