"""Runs that only evaluate, for tests: of a folder that is given to them, or of a repository on a hub."""

import json
from pathlib import Path
from typing import Any

from trainer.load_job import load_any_job
from trainer.model_files import model_digest
from trainer.spec import EvaluationJob
from trainer.tests.hub_runs import COMMIT
from trainer.tests.jobs import specification


def given(
    run: Path, settings: dict[str, Any], *, trained_on: bool = True, sha256: str | None = None
) -> EvaluationJob:
    """The job of a run of its own that evaluates the checkpoint of the run in `run`."""
    folder, model = run / ("again" if trained_on else "unknown"), run / "work" / "model"
    records = {"name": "records", "path": str(run / "work" / "data" / "records.jsonl"), "sha256": None}
    inputs = {
        "model": {"name": "c-1", "path": str(model), "sha256": sha256 or model_digest(model)},
        **({"trainedOn": records} if trained_on else {}),
    }
    return _job(folder, {"checkpoint": "sha256:c"}, {"repository": "c-1"}, settings, inputs)


def of_hub(folder: Path, settings: dict[str, Any], stage: str, **architecture: int) -> EvaluationJob:
    """The job of a stage that asks `org/model` of a hub. `architecture`: what the recipe says otherwise."""
    model = {"repository": "org/model", "revision": COMMIT}
    return _job(folder, {}, model, settings, {"model": None}, stage, architecture)


def _job(
    folder: Path,
    changes: dict[str, Any],
    model: dict[str, Any],
    settings: dict[str, Any],
    inputs: dict[str, Any],
    stage: str = "evaluate",
    architecture: dict[str, int] | None = None,
) -> EvaluationJob:
    (folder / "work").mkdir(parents=True, exist_ok=True)
    of = specification()
    dataset, shape = of["recipe"]["dataset"], of["recipe"]["model"]["architecture"]
    spec = {
        "run": "r-again",
        "recipeDigest": "sha256:0",
        "world": of["world"],
        "device": "cpu",
        "recipe": {
            "kind": "Evaluation",
            **changes,
            "model": {"kind": "pretrained", "architecture": {**shape, **(architecture or {})}, **model},
            "prompt": {key: dataset[key] for key in ("template", "systemPrompt", "controlTokens")},
            "evaluation": settings["recipe.evaluation"],
        },
        "inputs": {"dataset": [], "benchmarks": [], **inputs},
    }
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    variables = {"STINT_SPEC": str(path), "STINT_WORK": str(folder / "work"), "STINT_STAGE": stage}
    job = load_any_job(variables)
    assert isinstance(job, EvaluationJob)
    return job
