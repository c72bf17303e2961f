"""A run's checkpoint folders: how they are called, which can be used, and which go.

    checkpoints/step-00000100/   one .distcp file or more a rank, .metadata, state.json, manifest.json

state.json says which run and step it is of, and whether it holds the whole state or, after the last step,
only the weights.

A checkpoint is filled under a temporary name and renamed once its manifest is written, so one that can be
found is complete; before it is loaded its bytes are compared with the manifest.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from trainer import manifest
from trainer.failure import StageError
from trainer.sft.checkpoint_state import Content
from trainer.spec import Job
from trainer.stage import storage_message


def folder_of(job: Job, step: int) -> Path:
    return job.work / "checkpoints" / f"step-{step:08d}"


def partial_of(job: Job, step: int) -> Path:
    """What `folder_of` is called while it is filled."""
    final = folder_of(job, step)
    return final.with_name(f".{final.name}.partial")


def sweep_and_find(job: Job) -> list[tuple[int, Path]]:
    """Removes what earlier attempts left half written; steps and folders of what is whole, newest first."""
    folder = job.work / "checkpoints"
    for leftover in folder.glob(".step-*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)
    whole = sorted(folder.glob("step-*"), reverse=True)
    return [(int(path.name.removeprefix("step-")), path) for path in whole]


def refusal(folder: Path, job: Job, *, rows: str, index: int, num_readers: int) -> str | None:
    """Why this checkpoint cannot be used, as far as one reader's share of its files tells; None: it can."""
    listed = manifest.read(folder)
    if listed is None:
        return f"{folder} has no readable manifest"
    broken = manifest.damage(folder, listed["files"][index::num_readers])
    if broken is not None:
        return broken
    try:
        state = json.loads((folder / "state.json").read_bytes())
    except (OSError, ValueError) as error:
        return f"{folder / 'state.json'} cannot be read ({error})"
    if (state.get("recipeDigest"), state.get("rows")) != (job.spec.recipe_digest, rows):
        return f"{folder} belongs to another recipe or to other data"
    return None


def make_room(job: Job, *, num_bytes: int) -> None:
    """Raises StageError `storage` when the volume has not `num_bytes` free."""
    folder = job.work / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < num_bytes:
        raise StageError("storage", storage_message(folder, needed=num_bytes))


def content_of(folder: Path) -> Content:
    """What a checkpoint that is not refused holds; those of older versions hold all."""
    content: Content = json.loads((folder / "state.json").read_bytes()).get("holds", "state")
    return content


def publish(
    job: Job, step: int, *, rows: str, holds: Content, shards: list[dict[str, Any]]
) -> tuple[str, int]:
    """Completes the filled folder, gives it its name and prunes older ones.

    `shards`: manifest entries of the ranks' files. Returns the manifest's digest and the bytes of all files.
    """
    final, partial = folder_of(job, step), partial_of(job, step)
    state = {"step": step, "recipeDigest": job.spec.recipe_digest, "rows": rows, "holds": holds}
    (partial / "state.json").write_text(json.dumps(state) + "\n", encoding="utf-8")
    files = [*(manifest.entry(partial / name, partial) for name in (".metadata", "state.json")), *shards]
    digest = manifest.publish(partial, final, stage="train", spec=job.digest, files=files)
    # Older ones go only now that this one is whole: without moments it is nothing to train on from.
    for old in sorted(final.parent.glob("step-*"), reverse=True)[_num_kept(job, holds) :]:
        # Renamed first: a checkpoint that is being removed must not be found half.
        doomed = old.with_name(f".{old.name}.partial")
        old.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
    return digest, sum(file["bytes"] for file in files)


def _num_kept(job: Job, newest: Content) -> int:
    """Where nothing is saved on the way, the last checkpoint is kept alone, not one of a stop before it."""
    settings = job.spec.recipe.training.checkpoint
    return 1 if newest == "weights" and settings.every_steps is None else settings.keep
