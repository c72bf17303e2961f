import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from trainer.failure import StageError
from trainer.family import FAMILIES, ModelType
from trainer.sft.architecture import read_architecture, require_same
from trainer.sft.data import store_of
from trainer.sft.model import CausalLM
from trainer.sft.model_folder import expected_shapes
from trainer.sft.pack import pack
from trainer.sft.prepare import prepare
from trainer.sft.template import Sample
from trainer.sft.weights import fill, from_folder
from trainer.spec import Architecture
from trainer.tests.jobs import ARCHITECTURE, job
from trainer.tests.published import OTHERS, PUBLISHED, config, other


def written(folder: Path, content: dict[str, Any]) -> Path:
    (folder / "config.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("size", [*PUBLISHED, *OTHERS])
def test_a_published_model_has_the_tensors_and_the_parameters_that_its_config_implies(
    size: str, tmp_path: Path
) -> None:
    arch = read_architecture(written(tmp_path, other(size) if size in OTHERS else config(size)))
    assert arch.vocabulary_size is not None
    with torch.device("meta"):
        ours = CausalLM(arch, arch.vocabulary_size)
        theirs = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(tmp_path))
    shapes = {name: tuple(parameter.shape) for name, parameter in ours.named_parameters()}
    assert shapes == {name: tuple(parameter.shape) for name, parameter in theirs.named_parameters()}
    assert ("lm_head.weight" in shapes) != arch.tied_embeddings
    assert expected_shapes(arch) == shapes
    published = {**PUBLISHED, **OTHERS}[size][1]
    assert sum(parameter.numel() for parameter in ours.parameters()) == published


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("model_type", FAMILIES)
def test_a_model_saved_by_transformers_in_several_files_gives_its_logits_here(
    model_type: ModelType, tied: bool, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    settings = AutoConfig.for_model(
        model_type,
        vocab_size=97,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        # Of its own, as many families have it: 4 heads of 16 are wider than the hidden state.
        head_dim=16,
        max_position_embeddings=512,
        tie_word_embeddings=tied,
        rope_parameters={"rope_type": "default", "rope_theta": 5000.0},
        **FAMILIES[model_type].settings,
    )
    theirs = AutoModelForCausalLM.from_config(settings).eval()
    for parameter in theirs.parameters():
        # Biases and norms would be 0 and 1, which a tensor that was never loaded has, too.
        torch.nn.init.normal_(parameter, std=0.2)
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert (tmp_path / "model.safetensors.index.json").is_file()
    arch = read_architecture(tmp_path)
    assert (arch.tied_embeddings, arch.rope_theta, arch.vocabulary_size) == (tied, 5000.0, 97)
    assert (arch.model_type, arch.head_size) == (model_type, 16)
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
        ({"model_type": "qwen3_moe"}, "has model_type 'qwen3_moe', not qwen2 or qwen3 or llama or mistral"),
        (
            {"model_type": "qwen3", "head_dim": 128, "attention_bias": True},
            "has attention_bias True, not False",
        ),
        ({"model_type": "qwen3"}, "lacks head_dim"),
        ({"model_type": "llama", "mlp_bias": True}, "has mlp_bias True, not False"),
        ({"model_type": "llama", "num_key_value_heads": None}, "lacks num_key_value_heads"),
        ({"model_type": "mistral", "sliding_window": 4096}, "has sliding_window 4096, not None"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "has layer_types sliding_attention"),
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


def test_a_mistral_that_is_silent_about_its_window_is_refused(tmp_path: Path) -> None:
    silent = {key: value for key, value in config("7B").items() if "sliding_window" not in key}
    with pytest.raises(StageError, match="lacks sliding_window"):
        read_architecture(written(tmp_path, {**silent, "model_type": "mistral"}))


def test_a_config_that_is_absent_unreadable_or_incomplete_is_refused(tmp_path: Path) -> None:
    def refusal() -> tuple[str, str]:
        with pytest.raises(StageError) as caught:
            read_architecture(tmp_path)
        return caught.value.exit_class, caught.value.message

    assert refusal()[0] == "missing-input"
    for content, said in (
        (b"{", "is not JSON (a name in double quotes is missing, at line 1, column 2)"),
        (b"", "is empty"),
        (b"[]", "is no JSON object"),
        ("{}".encode("utf-16"), "is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer"),
    ):
        (tmp_path / "config.json").write_bytes(content)
        exit_class, message = refusal()
        assert exit_class == "data" and said in message, message
    written(tmp_path, {"model_type": "qwen2", "hidden_size": 8})
    exit_class, message = refusal()
    assert exit_class == "configuration" and "lacks num_hidden_layers, num_attention_heads" in message


NO_COUNTS: tuple[Any, ...] = ("4", 0, -1, 1.5, True, [4], {}, 10**30)
NO_FRACTIONS: tuple[Any, ...] = ("1e-6", 0, -1.0, float("nan"), float("inf"), False)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        *(
            ({key: value}, f"has {key} {value!r}, not a whole number")
            for key in ("num_hidden_layers", "num_attention_heads", "head_dim", "vocab_size")
            for value in NO_COUNTS
        ),
        *(
            ({key: value}, f"has {key} {value!r}, not a number above 0")
            for key in ("rms_norm_eps", "rope_theta")
            for value in NO_FRACTIONS
        ),
        ({"tie_word_embeddings": "yes"}, "has tie_word_embeddings 'yes', not true or false"),
        (
            {"num_key_value_heads": 3},
            "has num_attention_heads 28, which num_key_value_heads 3 does not divide",
        ),
        ({"head_dim": 127}, "has heads of 127 entries"),
        ({"rope_scaling": [1]}, "has rotary positions [1]"),
        ({"rope_parameters": "default"}, "has rotary positions 'default'"),
        ({"layer_types": 5}, "has layer_types 5"),
        ({"model_type": ["qwen2"]}, "has model_type ['qwen2']"),
    ],
)
def test_a_field_that_cannot_be_meant_is_named_with_its_file(
    change: dict[str, Any], text: str, tmp_path: Path
) -> None:
    with pytest.raises(StageError) as caught:
        read_architecture(written(tmp_path, {**config("7B"), **change}))
    assert text in caught.value.message
    assert caught.value.where == str(tmp_path / "config.json")


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
    other_family = replace(found, model_type="qwen3")
    with pytest.raises(StageError, match=r"modelType is qwen3, model_type there is qwen2\."):
        require_same(other_family, found, tmp_path)
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
