"""The model that training began from, which answers the same questions where the recipe asks for it."""

import json
from pathlib import Path

from trainer.failure import StageError
from trainer.model_files import model_digest, model_folder
from trainer.spec import Job


def untouched_folder(job: Job) -> Path:
    """Its folder, with the very files that prepare read: what changed since says nothing of fine-tuning.

    Raises StageError `configuration`, `missing-input` or `data`.
    """
    if job.spec.recipe.model.kind == "scratch":
        message = (
            "recipe.evaluation.untouched asks for the model that training began from, and this one began "
            "from nothing: leave `untouched` out."
        )
        raise StageError("configuration", message)
    prepared = job.work / "data" / "prepared.json"
    if not prepared.is_file():
        message = f"{prepared} is not there, which says what training began from. Prepare the run again."
        raise StageError("missing-input", message)
    read = json.loads(prepared.read_bytes())["inputs"]["model"]
    folder = model_folder(job.spec, job.work)
    if not folder.is_dir():
        message = f"{folder}, the model that training began from, is not there any more. Put it back."
        raise StageError("missing-input", message)
    found = model_digest(folder)
    if found != read["sha256"]:
        message = (
            f"{folder} is not the model that training began from any more: prepare read {read['sha256']}, "
            f"and now it is {found}. Put its files back as they were."
        )
        raise StageError("data", message)
    return folder
