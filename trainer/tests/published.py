"""What the config.json of published models say, and how many parameters they have."""

from typing import Any

# Qwen/Qwen2.5-*-Instruct, config.json: layers, hidden size, heads, key/value heads, feed-forward size, tied,
# rows of the embedding; and the parameters in its safetensors files. All have theta 1e6, epsilon 1e-6 and
# 32,768 positions. The model cards say 0.49, 1.54, 3.09, 7.61, 14.7 and 32.5 billion.
PUBLISHED = {
    "0.5B": ((24, 896, 14, 2, 4864, True, 151_936), 494_032_768),
    "1.5B": ((28, 1536, 12, 2, 8960, True, 151_936), 1_543_714_304),
    "3B": ((36, 2048, 16, 2, 11008, True, 151_936), 3_085_938_688),
    "7B": ((28, 3584, 28, 4, 18944, False, 152_064), 7_615_616_512),
    "14B": ((48, 5120, 40, 8, 13824, False, 152_064), 14_770_033_664),
    "32B": ((64, 5120, 40, 8, 27648, False, 152_064), 32_763_876_352),
}
# Qwen/Qwen3-* and HuggingFaceTB/SmolLM2-*, config.json: what is another than Qwen2.5-7B's there; and the
# parameters. The model cards say 0.6, 1.7, 4.0, 8.2, 14.8 and 32.8 billion, 135 million and 1.7 billion.
OTHERS: dict[str, tuple[dict[str, Any], int]] = {
    "Qwen3-0.6B": (
        {"hidden_size": 1024, "num_hidden_layers": 28, "intermediate_size": 3072, "heads": (16, 8)},
        596_049_920,
    ),
    "Qwen3-1.7B": (
        {"hidden_size": 2048, "num_hidden_layers": 28, "intermediate_size": 6144, "heads": (16, 8)},
        1_720_574_976,
    ),
    "Qwen3-4B": (
        {"hidden_size": 2560, "num_hidden_layers": 36, "intermediate_size": 9728, "heads": (32, 8)},
        4_022_468_096,
    ),
    "Qwen3-8B": (
        {"hidden_size": 4096, "num_hidden_layers": 36, "intermediate_size": 12288, "heads": (32, 8)},
        8_190_735_360,
    ),
    "Qwen3-14B": (
        {"hidden_size": 5120, "num_hidden_layers": 40, "intermediate_size": 17408, "heads": (40, 8)},
        14_768_307_200,
    ),
    "Qwen3-32B": (
        {"hidden_size": 5120, "num_hidden_layers": 64, "intermediate_size": 25600, "heads": (64, 8)},
        32_762_123_264,
    ),
    "SmolLM2-135M": (
        {"hidden_size": 576, "num_hidden_layers": 30, "intermediate_size": 1536, "heads": (9, 3)},
        134_515_008,
    ),
    "SmolLM2-1.7B": (
        {"hidden_size": 2048, "num_hidden_layers": 24, "intermediate_size": 8192, "heads": (32, 32)},
        1_711_376_384,
    ),
}
UNTIED = ("Qwen3-8B", "Qwen3-14B", "Qwen3-32B")


def other(name: str) -> dict[str, Any]:
    """What the config.json of a model that is no Qwen2 says of its tensors and arithmetic."""
    heads, key_value = OTHERS[name][0]["heads"]
    of_family: dict[str, Any]
    if name.startswith("Qwen3"):
        of_family = {
            "model_type": "qwen3",
            "attention_bias": False,
            "head_dim": 128,
            "max_position_embeddings": 40_960,
            "rope_scaling": None,
            "rope_theta": 1_000_000,
            "sliding_window": None,
            "use_sliding_window": False,
            "vocab_size": 151_936,
        }
    else:
        of_family = {
            "model_type": "llama",
            "attention_bias": False,
            "max_position_embeddings": 8192,
            "mlp_bias": False,
            "pretraining_tp": 1,
            "rope_scaling": None,
            "rope_theta": 100_000,
            "vocab_size": 49_152,
        }
    return {
        "attention_dropout": 0.0,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": name not in UNTIED,
        "torch_dtype": "bfloat16",
        **{key: value for key, value in OTHERS[name][0].items() if key != "heads"},
        "num_attention_heads": heads,
        "num_key_value_heads": key_value,
        **of_family,
    }


def config(size: str) -> dict[str, Any]:
    """config.json as the hub has it: written by transformers 4."""
    layers, hidden, heads, key_value, feed_forward, tied, rows = PUBLISHED[size][0]
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "attention_dropout": 0.0,
        "hidden_act": "silu",
        "hidden_size": hidden,
        "intermediate_size": feed_forward,
        "max_position_embeddings": 32_768,
        "max_window_layers": layers,
        "model_type": "qwen2",
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "num_key_value_heads": key_value,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "sliding_window": 131_072,
        "tie_word_embeddings": tied,
        "torch_dtype": "bfloat16",
        "use_sliding_window": False,
        "vocab_size": rows,
    }
