"""The export stage (CPU, devices released): the last checkpoint as a Hugging Face model folder, `model/`.

    python -m trainer.sft.export

One output file's tensors are read from the shards at a time, so memory holds a file (5 GB), never the model.
"""

import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import torch
import torch.distributed.checkpoint as dcp
from safetensors.torch import save_file
from torch import Tensor

from trainer import manifest
from trainer.events import Events
from trainer.failure import StageError
from trainer.family import FAMILIES
from trainer.model_files import model_folder
from trainer.sft import served
from trainer.sft.checkpoint_files import folder_of
from trainer.sft.checkpoint_state import exported_dtype
from trainer.sft.model import CausalLM
from trainer.spec import Job
from trainer.stage import Outcome, done_before, run
from trainer.tokenizer import TOKENIZER_FILES

FILE_BYTES = 5_000_000_000


def export(job: Job) -> Outcome:
    """Writes and publishes `model/`. Raises StageError `missing-input`, `data` or `storage`."""
    events = Events(job)
    final = job.work / "model"
    before = done_before(job, final, events, stage="export", done="exported")
    if before is not None:
        return before
    events.phase("exporting")
    figures = _figures(job)
    source = _verified_checkpoint(job, figures["steps"])
    folder = manifest.fresh(final)
    arch, dtype = job.spec.recipe.model.architecture, exported_dtype(job.spec)
    with torch.device("meta"):
        model = CausalLM(arch, figures["vocabularySize"])
    _write_weights(source, model, folder, dtype, events)
    config = json.dumps(_config(job, figures["vocabularySize"], dtype), indent=2) + "\n"
    (folder / "config.json").write_text(config, encoding="utf-8")
    for name in TOKENIZER_FILES:
        if (path := job.work / "data" / "tokenizer" / name).is_file():
            shutil.copyfile(path, folder / name)
    pretrained = model_folder(job.spec, job.work) if job.spec.recipe.model.kind == "pretrained" else None
    served.complete(folder, source=pretrained, system_prompt=job.spec.recipe.dataset.system_prompt)
    digest = manifest.publish(folder, final, stage="export", spec=job.digest)
    return Outcome(f"Exported step {figures['steps']} to {final}.", manifest=digest, step=figures["steps"])


def file_plan(sizes: dict[str, int], limit: int) -> list[list[str]]:
    """Tensor names file by file, in order: as many a file as fit into `limit` bytes, at least one."""
    files: list[list[str]] = []
    room = 0
    for name, size in sizes.items():
        if not files or size > room:
            files.append([])
            room = limit
        files[-1].append(name)
        room -= size
    return files


def _write_weights(source: Path, model: CausalLM, folder: Path, dtype: torch.dtype, events: Events) -> None:
    shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
    sizes = {name: shape.numel() * dtype.itemsize for name, shape in shapes.items()}
    files = file_plan(sizes, FILE_BYTES)
    weight_map = {}
    for number, names in enumerate(files, start=1):
        file = (
            "model.safetensors" if len(files) == 1 else f"model-{number:05d}-of-{len(files):05d}.safetensors"
        )
        tensors = {name: torch.empty(shapes[name], dtype=dtype) for name in names}
        state: dict[str, dict[str, Tensor]] = {"weights": tensors}
        with warnings.catch_warnings():
            # It warns that it loads in a single process, which is just what no_dist asks for.
            warnings.simplefilter("ignore", UserWarning)
            dcp.load(state, checkpoint_id=str(source), no_dist=True)
        # transformers takes a file without this header entry for one of another framework.
        save_file(tensors, folder / file, metadata={"format": "pt"})
        # safetensors makes files for the owner alone; other stages may run as other users.
        (folder / file).chmod(0o644)
        weight_map.update(dict.fromkeys(names, file))
        events.progress("files written", done=number, total=len(files))
    if len(files) > 1:
        index = {"metadata": {"total_size": sum(sizes.values())}, "weight_map": weight_map}
        (folder / "model.safetensors.index.json").write_text(
            json.dumps(index, indent=2) + "\n", encoding="utf-8"
        )


def _config(job: Job, vocabulary_size: int, dtype: torch.dtype) -> dict[str, Any]:
    """`config.json`: a pretrained model's own, else one written from the recipe's architecture."""
    name = str(dtype).removeprefix("torch.")
    model = job.spec.recipe.model
    if model.kind == "pretrained":
        config: dict[str, Any] = json.loads((model_folder(job.spec, job.work) / "config.json").read_bytes())
        # transformers 5 writes `dtype` where 4 wrote `torch_dtype`, and reads both.
        return {**config, "dtype" if "dtype" in config else "torch_dtype": name}
    arch, family = model.architecture, FAMILIES[model.architecture.model_type]
    ids = _token_ids(job.work / "data" / "tokenizer" / "tokenizer.json")
    return {
        "architectures": [family.class_name],
        "model_type": arch.model_type,
        **family.settings,
        "attention_dropout": 0.0,
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "head_dim": arch.head_size,
        "hidden_act": "silu",
        "hidden_size": arch.hidden_size,
        "initializer_range": model.initializer_range,
        "intermediate_size": arch.feed_forward_size,
        "max_position_embeddings": arch.max_positions,
        "num_attention_heads": arch.query_heads,
        "num_hidden_layers": arch.layers,
        "num_key_value_heads": arch.key_value_heads,
        "rms_norm_eps": arch.rms_norm_epsilon,
        "rope_theta": arch.rope_theta,
        "tie_word_embeddings": arch.tied_embeddings,
        "torch_dtype": name,
        "vocab_size": vocabulary_size,
    }


def _token_ids(path: Path) -> dict[str, int]:
    return {token["content"]: token["id"] for token in json.loads(path.read_bytes())["added_tokens"]}


def _figures(job: Job) -> dict[str, Any]:
    path = job.work / "data" / "prepared.json"
    try:
        figures: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StageError(
            "missing-input", f"{path} cannot be read ({error}). Run the stages before export."
        ) from error
    return figures


def _verified_checkpoint(job: Job, steps: int) -> Path:
    folder = folder_of(job, steps)
    listed = manifest.read(folder)
    if listed is None or listed.get("spec") != job.digest:
        message = (
            f"There is no checkpoint of the last step for this specification: {folder}. Run the train stage "
            "first."
        )
        raise StageError("missing-input", message)
    broken = manifest.damage(folder, listed["files"])
    if broken is not None:
        raise StageError(
            "data", f"{broken}. Remove {folder} and run the train stage again from an older checkpoint."
        )
    return folder


if __name__ == "__main__":
    run(export)
