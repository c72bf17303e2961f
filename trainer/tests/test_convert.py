import json
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from trainer.convert.__main__ import convert, main
from trainer.convert.rotary import halves
from trainer.failure import EXIT_CODE_OF_CLASS, StageError
from trainer.sft.architecture import read_architecture

HEADS, KEY_VALUE_HEADS, HEAD, HIDDEN = 4, 2, 8, 32
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
BYTES = sorted({*"!#$%&()*+,-./0123456789:;<=>?", *"abcdefghijklmnopqrstuvwxyz", "Ġ", "Ċ", "|", "_"})
TOKENS = [*CONTROL, *BYTES, "Ġa", "in", "12"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="module")
def llama() -> LlamaForCausalLM:
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
        max_position_embeddings=64,
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


def interleaved(weight: np.ndarray, num_heads: int) -> np.ndarray:
    """As llama.cpp's converter lays out the rows of q and k."""
    rows, hidden = weight.shape
    return weight.reshape(num_heads, 2, rows // num_heads // 2, hidden).swapaxes(1, 2).reshape(rows, hidden)


def write_gguf(path: Path, model: LlamaForCausalLM, *, pre: str = "smollm", more: str | None = None) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(64)
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
    writer.add_token_merges(["Ġ a", "i n", "1 2"])
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


def test_a_converted_llama_computes_what_the_llama_computes(tmp_path: Path, llama: LlamaForCausalLM) -> None:
    convert(write_gguf(tmp_path / "llama.gguf", llama), tmp_path / "qwen2")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "qwen2", dtype=torch.float32)
    assert model.config.model_type == "qwen2"
    ids = torch.arange(40).reshape(2, 20) % len(TOKENS)
    with torch.no_grad():
        torch.testing.assert_close(model(ids).logits, llama(ids).logits, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("heads", [1, 3, 9])
def test_undoing_the_interleaving_of_the_rotary_halves_gives_the_rows_back(heads: int) -> None:
    weight = np.arange(heads * 16 * 5, dtype=np.float32).reshape(heads * 16, 5)
    assert not np.array_equal(interleaved(weight, heads), weight)
    np.testing.assert_array_equal(halves(interleaved(weight, heads), num_heads=heads), weight)


def test_a_converted_folder_is_one_that_the_trainer_reads(tmp_path: Path, llama: LlamaForCausalLM) -> None:
    weights = convert(write_gguf(tmp_path / "llama.gguf", llama), tmp_path / "qwen2")
    arch = read_architecture(tmp_path / "qwen2")
    assert (arch.layers, arch.query_heads, arch.key_value_heads, arch.head_size) == (2, 4, 2, 8)
    assert (arch.rms_norm_epsilon, arch.rope_theta, arch.tied_embeddings) == (1e-5, 100_000.0, True)
    assert weights == sum(parameter.numel() for parameter in llama.parameters())
    generation = json.loads((tmp_path / "qwen2" / "generation_config.json").read_bytes())
    assert generation == {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}


def test_digits_stay_single_and_control_tokens_whole(tmp_path: Path, llama: LlamaForCausalLM) -> None:
    convert(write_gguf(tmp_path / "llama.gguf", llama), tmp_path / "qwen2")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "qwen2")
    assert tokenizer.convert_ids_to_tokens(tokenizer.encode("12 in a")) == ["1", "2", "Ġ", "in", "Ġa"]
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "12"}], tokenize=False, add_generation_prompt=True
    )
    assert text == "<|im_start|>user\n12<|im_end|>\n<|im_start|>assistant\n"
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert [token for token in ids if token in (1, 2)] == [1, 2, 1]
    assert tokenizer.eos_token_id == 2


def test_what_is_no_plain_llama_is_refused_by_name_and_leaves_nothing(
    tmp_path: Path, llama: LlamaForCausalLM
) -> None:
    other = write_gguf(tmp_path / "other.gguf", llama, pre="llama-bpe")
    with pytest.raises(StageError, match=r"tokenizer\.ggml\.pre is 'llama-bpe'"):
        convert(other, tmp_path / "qwen2")
    scaled = write_gguf(tmp_path / "scaled.gguf", llama, more="rope_freqs.weight")
    with pytest.raises(StageError, match=r"tensor rope_freqs\.weight"):
        convert(scaled, tmp_path / "qwen2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.gguf", "scaled.gguf"]


def test_a_file_that_is_none_ends_with_its_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.gguf").write_text("not a model\n" * 20)
    assert main([str(tmp_path / "text.gguf"), str(tmp_path / "qwen2")]) == EXIT_CODE_OF_CLASS["data"]
    assert "no GGUF file" in capsys.readouterr().err
    assert main([str(tmp_path / "none.gguf"), str(tmp_path / "qwen2")]) == EXIT_CODE_OF_CLASS["missing-input"]
