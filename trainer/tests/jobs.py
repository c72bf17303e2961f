"""Small jobs for tests: a specification as the control plane writes it, and the job that a stage reads."""

import json
from pathlib import Path
from typing import Any

from trainer.load_job import load_job
from trainer.sft.prepare import prepare
from trainer.spec import CommonJob, Job

ARCHITECTURE = {
    "layers": 2,
    "hiddenSize": 32,
    "queryHeads": 4,
    "keyValueHeads": 2,
    "headSize": 8,
    "feedForwardSize": 48,
    "tiedEmbeddings": False,
    "ropeTheta": 10000,
    "rmsNormEpsilon": 1e-6,
    "maxPositions": 512,
}
ADDITIONS = {"median": 5, "sigma": 0.6, "min": 2, "max": 20}


def specification(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """A whole specification; `changes` sets fields by dotted path, such as `recipe.training.epochs`."""
    spec: dict[str, Any] = {
        "run": "test-run",
        "recipeDigest": "sha256:" + "0" * 64,
        "world": {"nodes": 1, "devicesPerNode": 1},
        "device": "cpu",
        "sequenceParallel": 1,
        "sharding": "full",
        "recompute": [{"mode": "none", "upToTokens": None}],
        "peakTflops": 0.1,
        "expected": {
            "stepSeconds": 0.02,
            "computeSeconds": 0.01,
            "networkSeconds": 0.001,
            "mfu": 0.02,
            "memoryBytes": 400_000_000,
            "gemmFlopsPerSecond": 25e9,
            "ringBytesPerSecond": 1e9,
        },
        "floors": None,
        "hangSeconds": 120,
        "recipe": {
            "kind": "FineTune",
            "name": "test",
            "model": {"kind": "scratch", "initializerRange": 0.05, "architecture": dict(ARCHITECTURE)},
            "dataset": {
                "source": {
                    "kind": "generated",
                    "generator": "running-digit",
                    "samples": 20,
                    "seed": 1,
                    "slipShare": 0.1,
                    "additions": ADDITIONS,
                },
                "fields": {"question": "question", "trace": "trace", "answer": "answer"},
                "template": "s1",
                "systemPrompt": None,
                "overLength": "refuse",
                "controlTokens": "refuse",
            },
            "training": {
                "sequenceLength": 512,
                "epochs": 2,
                "globalBatch": 8,
                "optimizer": {
                    "kind": "adamw",
                    "learningRate": 3e-3,
                    "beta1": 0.9,
                    "beta2": 0.95,
                    "epsilon": 1e-8,
                    "weightDecay": 1e-4,
                    "gradientClip": 1,
                },
                "schedule": {"kind": "cosine", "warmupRatio": 0.2},
                "seed": 42,
                "compute": "fp32",
                "asPublished": False,
                "sequenceParallel": "auto",
                "recompute": "none",
                "compile": False,
                "checkpoint": {"everySteps": None, "keep": 2},
            },
        },
    }
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place = spec
        for parent in parents:
            place = place[parent]
        place[last] = value
    spec.setdefault("inputs", inputs_of(spec["recipe"]))
    return spec


def inputs_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """The files that a recipe names, where they lie."""
    benchmarks = (recipe.get("evaluation") or {}).get("benchmarks", [])
    files = {each["name"]: _files(each["source"]) for each in benchmarks}
    return {
        "model": None,
        "dataset": _files(recipe["dataset"]["source"]),
        "benchmarks": [{"benchmark": name, "files": of} for name, of in files.items() if of],
    }


def _files(source: dict[str, Any]) -> list[dict[str, Any]]:
    if source["kind"] != "file":
        return []
    paths = [source["path"]] if isinstance(source["path"], str) else source["path"]
    return [{"name": path, "path": path, "sha256": source.get("sha256")} for path in paths]


def environment(
    folder: Path, stage: str, changes: dict[str, Any] | None = None, **more: str
) -> dict[str, str]:
    """Writes the specification into `folder`; the variables that a container of this stage would have."""
    path = folder / "spec.json"
    path.write_text(json.dumps(specification(changes)))
    return {"STINT_SPEC": str(path), "STINT_WORK": str(folder / "work"), "STINT_STAGE": stage, **more}


def job(folder: Path, stage: str, changes: dict[str, Any] | None = None, **more: str) -> Job:
    return load_job(environment(folder, stage, changes, **more))


def prepared_job(folder: Path, changes: dict[str, Any] | None = None, **more: str) -> Job:
    """A train job whose data are prepared."""
    prepare(job(folder, "prepare", changes))
    return job(folder, "train", changes, **more)


def events(of: CommonJob) -> list[dict[str, Any]]:
    path = of.work / "events" / f"{of.stage}-a{of.attempt}-{of.index}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]
