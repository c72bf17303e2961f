import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

from trainer.convert.__main__ import convert, main
from trainer.convert.rotary import halves
from trainer.failure import EXIT_CODE_OF_CLASS, StageError
from trainer.sft.architecture import read_architecture
from trainer.tests.gguf_files import TOKENS, interleaved, small_llama, write_gguf


@pytest.fixture(scope="module")
def llama() -> LlamaForCausalLM:
    return small_llama()


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
