"""What a GGUF file says of its model, as the architecture that the trainer knows."""

from collections.abc import Mapping
from typing import Any

from trainer.failure import StageError
from trainer.spec import Architecture


def architecture_of(metadata: Mapping[str, Any], *, tied_embeddings: bool) -> Architecture:
    """Raises StageError `configuration` for what is no plain Llama with a tokenizer like SmolLM2's."""
    _require(metadata, "general.architecture", "llama")
    # A byte-level BPE that takes each digit by itself: other families cut text in other ways before merging.
    _require(metadata, "tokenizer.ggml.model", "gpt2")
    _require(metadata, "tokenizer.ggml.pre", "smollm")
    heads, hidden = _entry(metadata, "attention.head_count"), _entry(metadata, "embedding_length")
    if (scaling := metadata.get("llama.rope.scaling.type", "none")) != "none":
        raise _unsupported("llama.rope.scaling.type", scaling, "none")
    return Architecture(
        layers=_entry(metadata, "block_count"),
        hidden_size=hidden,
        query_heads=heads,
        key_value_heads=metadata.get("llama.attention.head_count_kv", heads),
        head_size=metadata.get("llama.rope.dimension_count", hidden // heads),
        feed_forward_size=_entry(metadata, "feed_forward_length"),
        tied_embeddings=tied_embeddings,
        rope_theta=metadata.get("llama.rope.freq_base", 10_000.0),
        # The file keeps 32 bits of it: 1e-05 is read as 9.999999747378752e-06.
        rms_norm_epsilon=float(f"{_entry(metadata, 'attention.layer_norm_rms_epsilon'):.6g}"),
        max_positions=_entry(metadata, "context_length"),
        vocabulary_size=len(metadata["tokenizer.ggml.tokens"]),
    )


def config_of(arch: Architecture, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`config.json` of a Qwen2."""
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "attention_dropout": 0.0,
        **special_ids(metadata),
        "head_dim": arch.head_size,
        "hidden_act": "silu",
        "hidden_size": arch.hidden_size,
        "initializer_range": 0.02,
        "intermediate_size": arch.feed_forward_size,
        "max_position_embeddings": arch.max_positions,
        "num_attention_heads": arch.query_heads,
        "num_hidden_layers": arch.layers,
        "num_key_value_heads": arch.key_value_heads,
        "rms_norm_eps": arch.rms_norm_epsilon,
        "rope_theta": arch.rope_theta,
        "tie_word_embeddings": arch.tied_embeddings,
        "torch_dtype": "bfloat16",
        "use_sliding_window": False,
        "vocab_size": arch.vocabulary_size,
    }


def special_ids(metadata: Mapping[str, Any]) -> dict[str, int]:
    """Ids of the tokens that begin a text, end it and fill it up, under their names in `config.json`."""
    end = int(metadata["tokenizer.ggml.eos_token_id"])
    return {
        "bos_token_id": int(metadata.get("tokenizer.ggml.bos_token_id", end)),
        "eos_token_id": end,
        "pad_token_id": int(metadata.get("tokenizer.ggml.padding_token_id", end)),
    }


def _entry(metadata: Mapping[str, Any], key: str) -> Any:
    if (name := f"llama.{key}") not in metadata:
        raise StageError("data", f"The file lacks the entry {name}. Fetch it again, or choose another model.")
    return metadata[name]


def _require(metadata: Mapping[str, Any], key: str, expected: str) -> None:
    if (found := metadata.get(key)) != expected:
        raise _unsupported(key, found, expected)


def _unsupported(key: str, found: object, expected: str) -> StageError:
    message = f"{key} is {found!r}, and only {expected!r} can be converted. Choose another model."
    return StageError("configuration", message)
