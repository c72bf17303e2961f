"""A pretrained model's files: a folder of the run's owner, or a hub's repository at a commit."""

from pathlib import Path

from trainer.failure import StageError
from trainer.hub.cache import snapshot_folder
from trainer.hub.repository import fetch, look_up
from trainer.inputs import content_digest
from trainer.rows.source import Surroundings
from trainer.spec import EvaluationSpec, JobSpec
from trainer.tokenizer import TOKENIZER_FILES

CONFIGS = ("config.json", "generation_config.json", "model.safetensors.index.json")


def model_folder(spec: JobSpec | EvaluationSpec, work: Path) -> Path:
    """Where the run's pretrained model lies. Raises StageError `missing-input`."""
    model, given = spec.recipe.model, spec.inputs.model
    if given is not None:
        return work / given.path
    assert model.repository is not None
    if (work / model.repository / "config.json").is_file():
        return work / model.repository
    if model.revision is None:
        message = (
            f"The model's folder {model.repository} holds no config.json here. Put the model there, or name "
            "a repository of a hub with its revision."
        )
        raise StageError("missing-input", message)
    return snapshot_folder("models", model.repository, model.revision, work)


def model_name(spec: JobSpec | EvaluationSpec) -> str:
    """Of the run's pretrained model: as its owner calls it, or its repository."""
    given = spec.inputs.model
    return given.name if given is not None else str(spec.recipe.model.repository)


def fetch_model(spec: JobSpec | EvaluationSpec, around: Surroundings) -> Path:
    """The same, fetched from a hub where it is not here yet, with all files that a later stage reads.

    Raises StageError `missing-input` or `infrastructure`.
    """
    model = spec.recipe.model
    is_folder = (
        spec.inputs.model is not None or (around.work / str(model.repository) / "config.json").is_file()
    )
    if is_folder or model.revision is None:
        return model_folder(spec, around.work)
    assert model.repository is not None
    found = look_up(
        "models", model.repository, model.revision, around.work, note=around.note, online=around.online
    )
    names = [name for name in found.files if is_counted(name)]
    if _answers_elsewhere(spec):
        # Its tokenizer and its shape are all that is wanted here.
        without = [name for name in names if not name.endswith(".safetensors")]
        return fetch(found, without, around.work, around.progress)
    if "config.json" not in names or not any(name.endswith(".safetensors") for name in names):
        message = (
            f"{model.repository} at {found.commit} is no model that can be trained here: it lacks "
            f"{'config.json' if 'config.json' not in names else 'weights in safetensors'}. Name another."
        )
        raise StageError("missing-input", message)
    return fetch(found, names, around.work, around.progress)


def _answers_elsewhere(spec: JobSpec | EvaluationSpec) -> bool:
    """Whether a server that runs already has the weights."""
    if not isinstance(spec, EvaluationSpec):
        return False
    engine = spec.recipe.evaluation.get("engine")
    return isinstance(engine, dict) and engine.get("kind") == "endpoint"


def is_counted(name: str) -> bool:
    """Whether a file of a model's folder is a part of the model; a README, for one, is not."""
    return "/" not in name and (name in CONFIGS or name in TOKENIZER_FILES or name.endswith(".safetensors"))


def require_planned(spec: JobSpec | EvaluationSpec, folder: Path) -> str:
    """Digest of the model's folder, whose files are those that the run was planned with.

    Raises StageError `data`.
    """
    found, given = model_digest(folder), spec.inputs.model
    if given is not None and given.sha256 not in (None, found):
        message = (
            f"The model {given.name} is not what the run was planned with: its content is {found}, not "
            f"{given.sha256}. Launch the run again to use what is there now."
        )
        raise StageError("data", message)
    return found


def model_digest(folder: Path) -> str:
    """Content address of a model's folder."""
    names = sorted(path.name for path in folder.iterdir() if is_counted(path.name))
    return content_digest([(name, folder / name) for name in names])
