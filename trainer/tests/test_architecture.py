import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from trainer.failure import StageError
from trainer.sft.architecture import read_architecture, require_same
from trainer.sft.data import store_of
from trainer.sft.model import CausalLM
from trainer.sft.pack import pack
from trainer.sft.prepare import prepare
from trainer.sft.template import Sample
from trainer.sft.weights import fill, from_folder
from trainer.spec import Architecture
from trainer.tests.jobs import ARCHITECTURE, job

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


def written(folder: Path, content: dict[str, Any]) -> Path:
    (folder / "config.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("size", PUBLISHED)
def test_a_published_model_has_the_tensors_and_the_parameters_that_its_config_implies(
    size: str, tmp_path: Path
) -> None:
    arch = read_architecture(written(tmp_path, config(size)))
    assert arch.vocabulary_size is not None
    with torch.device("meta"):
        ours = CausalLM(arch, arch.vocabulary_size)
        theirs = Qwen2ForCausalLM(Qwen2Config.from_pretrained(tmp_path))
    shapes = {name: tuple(parameter.shape) for name, parameter in ours.named_parameters()}
    assert shapes == {name: tuple(parameter.shape) for name, parameter in theirs.named_parameters()}
    assert ("lm_head.weight" in shapes) != arch.tied_embeddings
    assert sum(parameter.numel() for parameter in ours.parameters()) == PUBLISHED[size][1]


@pytest.mark.parametrize("tied", [True, False])
def test_a_model_saved_by_transformers_in_several_files_gives_its_logits_here(
    tied: bool, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    settings = Qwen2Config(
        vocab_size=97,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=tied,
        rope_parameters={"rope_type": "default", "rope_theta": 5000.0},
    )
    theirs = Qwen2ForCausalLM(settings).eval()
    for parameter in theirs.parameters():
        # Biases and norms would be 0 and 1, which a tensor that was never loaded has, too.
        torch.nn.init.normal_(parameter, std=0.2)
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert (tmp_path / "model.safetensors.index.json").is_file()
    arch = read_architecture(tmp_path)
    assert (arch.tied_embeddings, arch.rope_theta, arch.vocabulary_size) == (tied, 5000.0, 97)
    ours = CausalLM(arch, 97)
    fill(ours, from_folder(tmp_path), shard_index=0, num_shards=1)
    ids = torch.randint(97, (23,)).tolist()
    batch = pack(store_of([Sample(ids, 1)]), [0], global_batch=1, device=torch.device("cpu"))
    with torch.no_grad():
        expected = theirs(input_ids=batch.ids_T[None]).logits[0]
        torch.testing.assert_close(ours.logits(batch), expected, rtol=1e-5, atol=1e-5)


def test_the_rotary_base_is_found_where_either_version_of_transformers_writes_it(tmp_path: Path) -> None:
    older = config("7B")
    newer = {key: value for key, value in older.items() if key != "rope_theta"}
    newer["rope_parameters"] = {"rope_type": "default", "rope_theta": 1_000_000.0}
    assert read_architecture(written(tmp_path, newer)) == read_architecture(written(tmp_path, older))
    assert read_architecture(written(tmp_path, {**older, "head_dim": 64})).head_size == 64


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"model_type": "llama"}, "has model_type 'llama', not 'qwen2'"),
        ({"model_type": "qwen3"}, "has model_type 'qwen3'"),
        ({"use_sliding_window": True}, "has use_sliding_window True, not False"),
        ({"hidden_act": "gelu"}, "has hidden_act 'gelu'"),
        ({"attention_dropout": 0.1}, "has attention_dropout 0.1, not 0"),
        ({"rope_scaling": {"type": "yarn", "factor": 4.0}}, "scales its rotary positions (yarn)"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e6}}, "scales its rotary positions (yarn)"),
    ],
)
def test_a_model_that_this_trainer_does_not_compute_is_refused(
    change: dict[str, Any], text: str, tmp_path: Path
) -> None:
    with pytest.raises(StageError) as caught:
        read_architecture(written(tmp_path, {**config("7B"), **change}))
    assert caught.value.exit_class == "configuration"
    assert text in caught.value.message and str(tmp_path / "config.json") in caught.value.message


def test_a_config_that_is_absent_unreadable_or_incomplete_is_refused(tmp_path: Path) -> None:
    def refusal() -> tuple[str, str]:
        with pytest.raises(StageError) as caught:
            read_architecture(tmp_path)
        return caught.value.exit_class, caught.value.message

    assert refusal()[0] == "missing-input"
    (tmp_path / "config.json").write_text("{")
    assert refusal()[0] == "data"
    written(tmp_path, {"model_type": "qwen2", "hidden_size": 8})
    exit_class, message = refusal()
    assert exit_class == "configuration" and "lacks num_hidden_layers, num_attention_heads" in message


def test_every_field_of_the_recipe_that_is_not_the_models_is_named_with_both_values(tmp_path: Path) -> None:
    found = read_architecture(written(tmp_path, config("7B")))
    require_same(found, found, tmp_path)
    planned = Architecture(27, 3584, 28, 4, 128, 18944, True, 1e6, 1e-5, 32_768)
    with pytest.raises(StageError) as caught:
        require_same(planned, found, tmp_path)
    assert caught.value.exit_class == "configuration"
    for text in (
        "model.architecture.layers is 27, num_hidden_layers there is 28",
        "model.architecture.tiedEmbeddings is True, tie_word_embeddings there is False",
        "model.architecture.rmsNormEpsilon is 1e-05, rms_norm_eps there is 1e-06",
    ):
        assert text in caught.value.message
    # hiddenSize equals, and vocabularySize is left to the model.
    assert "Size is" not in caught.value.message


def test_prepare_compares_before_it_makes_anything(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    folder = written(tmp_path / "model", config("0.5B"))
    model = {
        "kind": "pretrained",
        "repository": str(folder),
        "revision": "b" * 40,
        "architecture": ARCHITECTURE,
    }
    with pytest.raises(StageError, match=r"model\.architecture\.layers is 2, num_hidden_layers there is 24"):
        prepare(job(tmp_path, "prepare", {"recipe.model": model}))
    assert not (tmp_path / "work" / "data").exists()
