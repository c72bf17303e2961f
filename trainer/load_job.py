"""Reads what a stage is told: its environment and the specification that this names."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from trainer.failure import StageError
from trainer.parse import FieldError, parse
from trainer.spec import EvaluationJob, EvaluationSpec, Job, JobSpec

_Spec = TypeVar("_Spec")


def load_job(environment: Mapping[str, str] = os.environ) -> Job:
    """Reads the environment and the specification that it names; raises StageError `configuration`."""
    path, content, document = _read(environment)
    return Job(_parsed(JobSpec, document, path), **_surroundings(environment, content))


def load_any_job(environment: Mapping[str, str] = os.environ) -> Job | EvaluationJob:
    """The same for a stage that runs of both kinds have."""
    path, content, document = _read(environment)
    around = _surroundings(environment, content)
    recipe = document.get("recipe") if isinstance(document, dict) else None
    if isinstance(recipe, dict) and recipe.get("kind") == "Evaluation":
        return EvaluationJob(_parsed(EvaluationSpec, document, path), **around)
    return Job(_parsed(JobSpec, document, path), **around)


def _read(environment: Mapping[str, str]) -> tuple[Path, bytes, Any]:
    path = Path(_variable(environment, "STINT_SPEC"))
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"Cannot read the job specification {path}: {error.strerror}. STINT_SPEC must name it."
        raise StageError("configuration", message) from error
    try:
        return path, content, json.loads(content)
    except ValueError as error:
        raise _unusable(path, f"it is not JSON: {error}") from error


def _parsed(kind: type[_Spec], document: Any, path: Path) -> _Spec:
    try:
        spec: _Spec = parse(kind, document, "spec")
    except FieldError as error:
        raise _unusable(path, str(error)) from error
    return spec


def _unusable(path: Path, why: str) -> StageError:
    message = f"The job specification {path} cannot be used: {why}. Render the run again."
    return StageError("configuration", message)


def _surroundings(environment: Mapping[str, str], content: bytes) -> dict[str, Any]:
    return {
        "digest": "sha256:" + hashlib.sha256(content).hexdigest(),
        "work": Path(_variable(environment, "STINT_WORK")),
        "stage": _variable(environment, "STINT_STAGE"),
        "attempt": _number(environment, "STINT_ATTEMPT", 1),
        "index": _number(environment, "JOB_COMPLETION_INDEX", 0),
        "reached_step": _number(environment, "STINT_REACHED_STEP", 0),
    }


def _variable(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise StageError(
            "configuration", f"The environment variable {name} is not set; a stage cannot start without."
        )
    return value


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal():
        raise StageError(
            "configuration", f"The environment variable {name} is {value!r}; expected a whole number."
        )
    return int(value)
