"""Small evaluations for tests: the section of a recipe, an exported checkpoint, the job and its results."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from trainer import manifest
from trainer.generate.tokenizer import build
from trainer.sft.model import CausalLM
from trainer.sft.prepare import prepare
from trainer.spec import CommonJob, Job
from trainer.tests.jobs import ADDITIONS, job, specification
from trainer.thinking import Thinking

GENERATED = {
    "kind": "generated",
    "generator": "running-digit",
    "seed": 2,
    "slipShare": 0,
    "additions": ADDITIONS,
}
FIELDS = {"question": "question", "answer": "answer"}


def delimiters(
    start: str, end: str, answer_start: str | None = None, final_answer: str = "Final Answer:"
) -> Thinking:
    return Thinking(start, end, final_answer, answer_start)


def benchmark(name: str, source: dict[str, Any], grader: str = "exact", **fields: str) -> dict[str, Any]:
    return {"name": name, "source": source, "fields": {**FIELDS, **fields}, "grader": grader}


def evaluation(*benchmarks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    section = {
        "benchmarks": list(benchmarks) or [benchmark("digits", {**GENERATED, "samples": 20})],
        "controls": [
            {"kind": "budget", "maxThinkingTokens": 4},
            {"kind": "wait", "times": 1, "text": "Wait", "maxThinkingTokens": 12},
        ],
        "maxAnswerTokens": 3,
        "temperature": 0,
        "seed": 1234,
        "batch": 8,
    }
    return {"recipe.evaluation": {**section, **changes}}


def export_into(folder: Path, **architecture: int) -> Path:
    """A finished `model/` of random weights, written as the export stage writes it."""
    changes = {f"recipe.model.architecture.{key}": value for key, value in architecture.items()}
    recipe = job(folder, "export", changes).spec.recipe
    partial = manifest.fresh(folder / "model")
    build(partial)
    torch.manual_seed(1)
    model, arch = CausalLM(recipe.model.architecture, 512), recipe.model.architecture
    save_file(
        {name: weight.contiguous() for name, weight in model.state_dict().items()},
        partial / "model.safetensors",
    )
    config = {
        "model_type": "qwen2",
        "num_hidden_layers": arch.layers,
        "hidden_size": arch.hidden_size,
        "num_attention_heads": arch.query_heads,
        "num_key_value_heads": arch.key_value_heads,
        "head_dim": arch.head_size,
        "intermediate_size": arch.feed_forward_size,
        "max_position_embeddings": arch.max_positions,
        "rms_norm_eps": arch.rms_norm_epsilon,
        "rope_theta": arch.rope_theta,
        "tie_word_embeddings": arch.tied_embeddings,
        "vocab_size": 512,
    }
    (partial / "config.json").write_text(json.dumps(config))
    manifest.publish(partial, folder / "model", stage="export", spec="sha256:" + "0" * 64)
    return folder / "model"


def exported_run(folder: Path, exported: Path) -> Path:
    """A run's folder whose data are prepared and whose model is `exported`."""
    prepare(job(folder, "prepare"))
    shutil.copytree(exported, folder / "work" / "model")
    return folder


def pretrained(repository: str) -> dict[str, Any]:
    """The recipe's model as one that training began from, in a folder or of a hub."""
    scratch = specification()["recipe"]["model"]
    return {
        "recipe.model": {
            "kind": "pretrained",
            "repository": repository,
            "revision": "a" * 40,
            "architecture": {**scratch["architecture"], "vocabularySize": 512},
        }
    }


def evaluate_job(run: Path, changes: dict[str, Any] | None = None) -> Job:
    return job(run, "evaluate", changes or evaluation())


def results(of: CommonJob) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((of.work / "evaluation" / "results.json").read_text())
    return found


def samples_of(of: CommonJob) -> list[dict[str, Any]]:
    """Every answer that was kept."""
    lines = (of.work / "evaluation" / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
