"""What sets the families of decoders that the trainer computes off from each other, by their `model_type`.

All are pre-norm blocks with rotary positions, grouped-query attention and SwiGLU; what differs is data, here
and in orchestrator/recipe/family.ts. Loads no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ModelType = Literal["qwen2", "qwen3", "llama", "mistral"]


@dataclass(frozen=True, slots=True)
class Family:
    qkv_biases: bool
    """Projections to queries, keys and values have biases."""
    qk_norms: bool
    """Each head's query and key is normed over the head's own entries before it is rotated."""
    class_name: str
    """Of the model in transformers."""
    settings: Mapping[str, object]
    """What config.json must say, because nothing else is computed here."""
    said: tuple[str, ...] = ()
    """Keys that config.json must hold: silent about them, transformers takes what need not be meant."""


FAMILIES: Mapping[ModelType, Family] = {
    "qwen2": Family(True, False, "Qwen2ForCausalLM", {"use_sliding_window": False}),
    "qwen3": Family(
        False,
        True,
        "Qwen3ForCausalLM",
        {"attention_bias": False, "use_sliding_window": False},
        # 128 to transformers, whatever the hidden size.
        said=("head_dim",),
    ),
    "llama": Family(False, False, "LlamaForCausalLM", {"attention_bias": False, "mlp_bias": False}),
    "mistral": Family(
        False,
        False,
        "MistralForCausalLM",
        {"sliding_window": None},
        # 4,096 tokens to transformers.
        said=("sliding_window",),
    ),
}
