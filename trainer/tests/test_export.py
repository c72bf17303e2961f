import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from hypothesis import given
from hypothesis import strategies as st

from trainer import manifest
from trainer.events import Events
from trainer.failure import StageError
from trainer.sft import export as export_stage
from trainer.sft.architecture import read_architecture
from trainer.sft.checkpoint import Checkpoints
from trainer.sft.checkpoint_state import Content
from trainer.sft.export import export, file_plan
from trainer.sft.model import CausalLM
from trainer.sft.prepared_data import read_prepared
from trainer.sft.ranks import join_ranks
from trainer.sft.train import build, fill
from trainer.spec import Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import job, prepared_job
from trainer.tests.training import final_weights, on_ranks, train_on_rank

TIED = "recipe.model.architecture.tiedEmbeddings"


def trained(folder: Path, changes: dict[str, Any]) -> Job:
    of = prepared_job(folder, changes)
    run_ranks(train_on_rank, 2, on_ranks(of, 2))
    return job(folder, "export", changes)


@pytest.mark.parametrize(
    ("tied", "model_type"),
    [(False, "qwen2"), (True, "qwen2"), (False, "qwen3"), (True, "llama"), (False, "mistral")],
)
def test_transformers_loads_it_with_the_trainers_own_logits(
    tmp_path: Path, tied: bool, model_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    of = trained(tmp_path, {TIED: tied, "recipe.model.architecture.modelType": model_type})
    # Small enough for several files, as large models have.
    monkeypatch.setattr(export_stage, "FILE_BYTES", 30_000)
    export(of)
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        of.work / "model", attn_implementation="eager", output_loading_info=True
    )
    model, loading = loaded
    assert not any(loading.values()), loading
    config = json.loads((of.work / "model" / "config.json").read_text())
    assert (config["model_type"], config["architectures"]) == (model_type, [type(model).__name__])
    assert read_architecture(of.work / "model") == replace(
        of.spec.recipe.model.architecture, vocabulary_size=model.config.vocab_size
    )
    assert len(list((of.work / "model").glob("*.safetensors"))) > 1
    expected = final_weights(of)
    own = CausalLM(of.spec.recipe.model.architecture, model.config.vocab_size)
    own.load_state_dict({name: expected[name] for name, _ in own.named_parameters()})
    ids_T = torch.tensor(
        AutoTokenizer.from_pretrained(of.work / "model")("Start at seven. Add four")["input_ids"]
    )
    from trainer.sft.data import store_of
    from trainer.sft.pack import pack
    from trainer.sft.template import Sample

    batch = pack(store_of([Sample(ids_T.tolist(), 1)]), [0], global_batch=1, device=torch.device("cpu"))
    with torch.no_grad():
        torch.testing.assert_close(model(ids_T[None]).logits[0], own.logits(batch), rtol=1e-5, atol=1e-5)


def test_the_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    of = trained(tmp_path, {})
    outcome = export(of)
    folder = of.work / "model"
    listed = manifest.read(folder)
    assert listed is not None and manifest.damage(folder, listed["files"]) is None
    names = {file["path"] for file in listed["files"]}
    tokenizer = {"tokenizer.json", "tokenizer_config.json"}
    assert names == {"config.json", "generation_config.json", "model.safetensors", *tokenizer}
    config = json.loads((folder / "config.json").read_text())
    assert (config["num_hidden_layers"], config["tie_word_embeddings"], config["torch_dtype"]) == (
        2,
        False,
        "float32",
    )
    before = (folder / "manifest.json").stat().st_mtime_ns
    assert export(of).manifest == outcome.manifest
    assert (folder / "manifest.json").stat().st_mtime_ns == before


def save_last_on_rank(of: Job, holds: Content) -> None:
    data = read_prepared(of)
    ranks = join_ranks(of.spec)
    trained = build(of, data.figures["vocabularySize"], ranks)
    fill(trained, of, ranks)
    saving = Checkpoints(trained, of, rows=data.figures["rows"], events=Events(of, speaks=False))
    saving.begin(data.figures["steps"], last=True, holds=holds)
    saving.finish()
    dist.destroy_process_group()


@pytest.mark.parametrize("compute", ["bf16", "fp32"])
def test_what_is_exported_is_the_same_to_the_bit_from_the_weights_alone_as_from_the_whole_state(
    tmp_path: Path, compute: str
) -> None:
    """As runs have left it that were trained before the last checkpoint held weights alone."""
    changes = {"recipe.training.compute": compute}
    of = prepared_job(tmp_path, changes)
    exported, read = [], []
    holds: Content
    for holds in ("state", "weights"):
        run_ranks(save_last_on_rank, 2, on_ranks(of, 2), holds)
        export(job(tmp_path, "export", changes))
        exported.append((of.work / "model" / "model.safetensors").read_bytes())
        read.append(sum(path.stat().st_size for path in of.work.glob("checkpoints/*/*.distcp")))
        shutil.rmtree(of.work / "model")
    assert exported[0] == exported[1]
    assert read[1] < read[0] / 2


def test_a_damaged_or_missing_checkpoint_is_not_exported(tmp_path: Path) -> None:
    of = trained(tmp_path, {})
    shard = next((of.work / "checkpoints" / "step-00000006").glob("__0_*.distcp"))
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(StageError, match=r"__0_0\.distcp has \d+ bytes") as caught:
        export(of)
    assert caught.value.exit_class == "data"
    assert not (of.work / "model").exists()
    (shard.parent / "manifest.json").unlink()
    with pytest.raises(StageError) as caught:
        export(of)
    assert caught.value.exit_class == "missing-input"


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_files_hold_every_tensor_in_order_and_no_file_could_have_taken_the_next_one(sizes: list[int]) -> None:
    named = {f"t{index}": size for index, size in enumerate(sizes)}
    files = file_plan(named, limit=50)
    assert [name for file in files for name in file] == list(named)
    totals = [sum(named[name] for name in file) for file in files]
    assert all(total <= 50 or len(file) == 1 for total, file in zip(totals, files, strict=True))
    assert all(total + named[after[0]] > 50 for total, after in zip(totals, files[1:], strict=False))
