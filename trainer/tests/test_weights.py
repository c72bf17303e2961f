import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from trainer.failure import StageError
from trainer.generate import tokenizer as own_tokenizer
from trainer.sft.end_tokens import token_ids
from trainer.sft.export import export
from trainer.sft.model import CausalLM
from trainer.sft.read_ahead import READERS
from trainer.sft.weights import fill, from_folder
from trainer.spec import Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import ARCHITECTURE, job, prepared_job
from trainer.tests.training import final_weights, on_ranks, train_on_rank

VOCABULARY = 640


def pretrained(folder: Path, **architecture: Any) -> dict[str, Any]:
    """Writes a model as a hub has it, in several files; returns what makes a recipe start from it."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        rope_parameters={"rope_type": "default", "rope_theta": 10000},
    )
    torch.manual_seed(3)
    source = folder / "hub"
    Qwen2ForCausalLM(config).save_pretrained(source, max_shard_size="60KB")
    own_tokenizer.build(source)
    (source / "generation_config.json").write_text('{"do_sample": true, "top_k": 7}')
    model = {
        "kind": "pretrained",
        "repository": str(source),
        "revision": "b" * 40,
        "architecture": {**ARCHITECTURE, "vocabularySize": VOCABULARY, **architecture},
    }
    # The first update has rate 0: one step of warm-up alone leaves the weights as they were loaded.
    one_step = {"recipe.training.globalBatch": 20, "recipe.training.epochs": 1}
    return {"recipe.model": model, **one_step}


def from_files(source: Path) -> dict[str, torch.Tensor]:
    files = sorted(source.glob("*.safetensors"))
    assert len(files) > 1
    return {name: tensor for file in files for name, tensor in load_file(file).items()}


def trained(folder: Path, changes: dict[str, Any]) -> Job:
    of = prepared_job(folder, changes)
    run_ranks(train_on_rank, 2, on_ranks(of, 2))
    return of


def test_ranks_load_their_rows_of_a_pretrained_model_and_export_gives_them_back(tmp_path: Path) -> None:
    changes = pretrained(tmp_path)
    of = trained(tmp_path, changes)
    expected = from_files(tmp_path / "hub")
    found = final_weights(of)
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name
    export(job(tmp_path, "export", changes))
    exported = load_file(of.work / "model" / "model.safetensors")
    assert exported.keys() == expected.keys()
    assert all(torch.equal(exported[name], tensor) for name, tensor in expected.items())
    kept = json.loads((of.work / "model" / "generation_config.json").read_text())
    assert (kept["top_k"], kept["eos_token_id"]) == (7, [token_ids(of.work / "model")["<|im_end|>"]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("num_shards", [1, 3])
def test_every_rank_gets_its_rows_whatever_the_type_of_the_files_and_the_number_of_readers(
    tmp_path: Path, dtype: torch.dtype, num_shards: int
) -> None:
    architecture = job(tmp_path, "train", pretrained(tmp_path)).spec.recipe.model.architecture
    hub = tmp_path / "hub"
    for path in hub.glob("*.safetensors"):
        save_file({name: tensor.to(dtype) for name, tensor in load_file(path).items()}, path)
    expected = from_files(hub)
    rows = from_folder(hub)
    for name, tensor in expected.items():
        block = -(-len(tensor) // num_shards)
        parts = [
            rows(name, tensor.shape, min(start, len(tensor)), min(start + block, len(tensor)))
            for start in range(0, block * num_shards, block)
        ]
        assert torch.equal(torch.cat(parts), tensor) and parts[0].dtype == dtype
    for readers in (1, READERS):
        model = CausalLM(architecture, VOCABULARY)
        fill(model, rows, shard_index=0, num_shards=1, readers=readers)
        assert all(torch.equal(weight, expected[name].float()) for name, weight in model.named_parameters())


@pytest.mark.parametrize(("value", "kind"), [(float("nan"), "NaN"), (float("-inf"), "infinity")])
def test_a_weight_that_is_no_number_is_named_when_it_is_loaded(
    tmp_path: Path, value: float, kind: str
) -> None:
    changes = pretrained(tmp_path)
    name = "model.layers.1.mlp.up_proj.weight"
    [file] = [path for path in (tmp_path / "hub").glob("*.safetensors") if name in load_file(path)]
    tensors = load_file(file)
    tensors[name][-1, 3] = value
    save_file(tensors, file, metadata={"format": "pt"})
    of = prepared_job(tmp_path, changes)
    with pytest.raises(AssertionError, match=rf"{file.name}: {name} holds {kind}"):
        run_ranks(train_on_rank, 2, on_ranks(of, 2))
    with pytest.raises(StageError) as refused:
        from_folder(tmp_path / "hub")(name, tensors[name].shape, 0, len(tensors[name]))
    assert refused.value.exit_class == "data"


def test_weights_that_are_not_of_the_shape_that_their_config_implies_are_refused(tmp_path: Path) -> None:
    changes = pretrained(tmp_path, feedForwardSize=64)
    config = tmp_path / "hub" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "intermediate_size": 64}))
    with pytest.raises(StageError, match=r"gate_proj\.weight of shape \[48, 32\]") as refused:
        prepared_job(tmp_path, changes)
    assert refused.value.exit_class == "data"
    with pytest.raises(StageError, match=r"model\.architecture implies"):
        from_folder(tmp_path / "hub")("model.layers.0.mlp.gate_proj.weight", torch.Size((64, 32)), 0, 1)
