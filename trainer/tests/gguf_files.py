"""A small Llama in a GGUF file, as llama.cpp's converter writes it.

python -m trainer.tests.gguf_files FILE.gguf
"""

import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from tokenizers import pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

HEADS, KEY_VALUE_HEADS, HEAD, HIDDEN = 4, 2, 8, 32
POSITIONS = 512
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# Every byte has a token, so any text can be written.
BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
TOKENS = [*CONTROL, *BYTES, "Ġa", "in", "12"]
MERGES = ["Ġ a", "i n", "1 2"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def small_llama() -> LlamaForCausalLM:
    """A small Llama whose weights bf16 holds exactly."""
    torch.manual_seed(3)
    config = LlamaConfig(
        hidden_size=HIDDEN,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_VALUE_HEADS,
        head_dim=HEAD,
        vocab_size=len(TOKENS),
        max_position_embeddings=POSITIONS,
        rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        initializer_range=0.3,
    )
    model = LlamaForCausalLM(config).eval()
    for parameter in model.parameters():
        parameter.data = parameter.data.to(torch.bfloat16).float()
    assert isinstance(model, LlamaForCausalLM)
    return model


def metadata_like_smollm2() -> dict[str, Any]:
    """What a file says of its tokenizer: digits stand alone, though "12" is an entry."""
    return {
        "tokenizer.ggml.tokens": TOKENS,
        "tokenizer.ggml.token_type": [3] * len(CONTROL) + [1] * (len(TOKENS) - len(CONTROL)),
        "tokenizer.ggml.merges": MERGES,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "llama.context_length": POSITIONS,
    }


def interleaved(weight: np.ndarray, num_heads: int) -> np.ndarray:
    """As llama.cpp's converter lays out the rows of q and k."""
    rows, hidden = weight.shape
    return weight.reshape(num_heads, 2, rows // num_heads // 2, hidden).swapaxes(1, 2).reshape(rows, hidden)


def write_gguf(path: Path, model: LlamaForCausalLM, *, pre: str = "smollm", more: str | None = None) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(48)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(100_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(TOKENS)
    writer.add_token_types([3] * len(CONTROL) + [1] * (len(TOKENS) - len(CONTROL)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 2)
    for name, parameter in model.named_parameters():
        values = parameter.detach().numpy()
        if name.endswith("q_proj.weight"):
            values = interleaved(values, HEADS)
        elif name.endswith("k_proj.weight"):
            values = interleaved(values, KEY_VALUE_HEADS)
        target = names.get_name(name, try_suffixes=(".weight",))
        assert target is not None
        writer.add_tensor(target, np.ascontiguousarray(values))
    if more is not None:
        writer.add_tensor(more, np.zeros((HIDDEN,), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


if __name__ == "__main__":
    write_gguf(Path(sys.argv[1]), small_llama())
