"""Model folders, whole and damaged in each way that downloads and conversions damage them."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from trainer.failure import StageError
from trainer.family import FAMILIES
from trainer.sft.architecture import read_architecture
from trainer.sft.model import CausalLM
from trainer.sft.model_folder import HEAD, INDEX, SINGLE, check_model_folder, expected_shapes
from trainer.spec import Architecture
from trainer.tests.damages import (
    DAMAGES,
    another_shape,
    cut_short,
    grown,
    link_to_nowhere,
    missing,
    quantised,
    rewrite,
    shards,
)

ARCHITECTURE = Architecture(2, 16, 4, 2, 4, 24, False, 10_000.0, 1e-6, 128, 50)


def model_folder(folder: Path, *, tied: bool = False, files: int = 1) -> Path:
    """As transformers saves one, in about so many files."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=50,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        tie_word_embeddings=tied,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
    )
    torch.manual_seed(1)
    Qwen2ForCausalLM(config).save_pretrained(folder, max_shard_size="1GB" if files == 1 else "9KB")
    assert (folder / INDEX).is_file() == (files > 1)
    return folder


def check(folder: Path) -> None:
    check_model_folder(folder, read_architecture(folder))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("files", [1, 4])
def test_what_transformers_saves_is_whole(tmp_path: Path, tied: bool, files: int) -> None:
    check(model_folder(tmp_path, tied=tied, files=files))


def test_a_qwen3_without_a_norm_of_its_queries_or_with_biases_is_refused_by_their_names(
    tmp_path: Path,
) -> None:
    norm, bias = "model.layers.1.self_attn.q_norm.weight", "model.layers.0.self_attn.k_proj.bias"
    path = model_folder(tmp_path / "source", files=1) / SINGLE
    tensors = load_file(path)
    (tmp_path / "config.json").write_text((path.parent / "config.json").read_text().replace("qwen2", "qwen3"))
    norms = {
        f"model.layers.{layer}.self_attn.{name}_norm.weight": torch.ones(4)
        for layer in (0, 1)
        for name in ("q", "k")
    }
    plain = {name: tensor for name, tensor in tensors.items() if not name.endswith(".bias")}
    arch = replace(read_architecture(path.parent), model_type="qwen3")

    def refusal(of: dict[str, torch.Tensor]) -> str:
        save_file(of, tmp_path / SINGLE)
        with pytest.raises(StageError) as caught:
            check_model_folder(tmp_path, arch)
        return caught.value.message

    save_file({**plain, **norms}, tmp_path / SINGLE)
    check_model_folder(tmp_path, arch)
    one_less = {name: tensor for name, tensor in norms.items() if name != norm}
    assert f"holds no tensor {norm}" in refusal({**plain, **one_less})
    assert f"holds {bias}, which config.json does not imply" in refusal(
        {**plain, **norms, bias: tensors[bias]}
    )


@given(st.builds(
    Architecture,
    layers=st.integers(1, 3), hidden_size=st.integers(1, 4).map(lambda size: 8 * size),
    query_heads=st.sampled_from([2, 4]),
    key_value_heads=st.sampled_from([1, 2]), head_size=st.sampled_from([4, 8]),
    feed_forward_size=st.integers(1, 30), tied_embeddings=st.booleans(), rope_theta=st.just(1e6),
    rms_norm_epsilon=st.just(1e-6), max_positions=st.just(64), vocabulary_size=st.integers(2, 40),
    model_type=st.sampled_from([*FAMILIES]),
))  # fmt: skip
@settings(max_examples=30)
def test_the_tensors_that_are_expected_are_those_of_the_model(architecture: Architecture) -> None:
    assert architecture.vocabulary_size is not None
    with torch.device("meta"):
        model = CausalLM(architecture, architecture.vocabulary_size)
    assert expected_shapes(architecture) == {
        name: tuple(parameter.shape) for name, parameter in model.named_parameters()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_folder(tmp_path_factory.mktemp("whole"), files=4)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_each_damage_is_found_and_names_a_file_of_the_folder(
    whole: Path, tmp_path: Path, damage: Callable[[Path, random.Random], None]
) -> None:
    for seed in range(12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        for path in whole.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        check(folder)
        damage(folder, random.Random(seed))
        with pytest.raises(StageError) as found:
            check(folder)
        assert found.value.exit_class == "data", found.value.message
        assert found.value.message.startswith(str(folder)), found.value.message


@pytest.mark.parametrize("damage", [missing, cut_short, grown, link_to_nowhere, another_shape, quantised])
def test_damage_of_a_single_file_is_found(
    tmp_path: Path, damage: Callable[[Path, random.Random], None]
) -> None:
    folder = model_folder(tmp_path)
    (folder / INDEX).touch()
    damage(folder, random.Random(0))
    (folder / INDEX).unlink()
    with pytest.raises(StageError) as found:
        check(folder)
    assert found.value.exit_class == "data" and str(folder) in found.value.message


def test_what_is_found_is_said_in_full(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, files=4)
    first = shards(folder)[0]
    first.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3945441440\n")
    with pytest.raises(StageError) as found:
        check(folder)
    assert found.value.message == (
        f"{first} is a pointer of Git LFS, not the file itself. Run `git lfs pull` in its folder."
    )


def test_a_head_beside_tied_embeddings_must_be_the_embeddings(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, tied=True)
    path = folder / SINGLE

    def same(tensors: dict[str, torch.Tensor]) -> None:
        tensors[HEAD] = tensors["model.embed_tokens.weight"].clone()

    def other(tensors: dict[str, torch.Tensor]) -> None:
        tensors[HEAD][-1, -1] += 1

    rewrite(path, same)
    check(folder)
    rewrite(path, other)
    with pytest.raises(StageError, match=r"config\.json says that embeddings are tied"):
        check(folder)


def test_what_older_programs_wrote_beside_the_weights_is_ignored(tmp_path: Path) -> None:
    folder = model_folder(tmp_path)
    rewrite(
        folder / SINGLE, lambda t: t.update({"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(2)})
    )
    check(folder)


def test_a_large_model_is_looked_through_without_reading_it(tmp_path: Path) -> None:
    """Qwen2.5-32B's shapes in sparse files, 65 GB in all, of which the disk holds only the headers."""
    large = replace(
        ARCHITECTURE, layers=64, hidden_size=5120, query_heads=40, key_value_heads=8, head_size=128,
        feed_forward_size=27648, vocabulary_size=152064,
    )  # fmt: skip
    shapes = expected_shapes(large)
    names, weight_map = list(shapes), {}
    for number in range(14):
        file, header, end = f"model-{number:05d}-of-00014.safetensors", {}, 0
        for name in names[number::14]:
            size = 2 * torch.Size(shapes[name]).numel()
            header[name] = {"dtype": "BF16", "shape": shapes[name], "data_offsets": [end, end + size]}
            weight_map[name], end = file, end + size
        content = json.dumps(header).encode()
        with (tmp_path / file).open("wb") as written:
            written.write(len(content).to_bytes(8, "little") + content)
            written.truncate(8 + len(content) + end)
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": weight_map}))
    assert sum(path.stat().st_size for path in shards(tmp_path)) > 65e9
    started = time.process_time()
    check_model_folder(tmp_path, large)
    assert time.process_time() - started < 1
