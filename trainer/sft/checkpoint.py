"""Checkpoints that training continues from: sharded, written by every rank, whole or not there at all.

    checkpoints/step-00000100/   one .distcp file or more a rank, .metadata, state.json, manifest.json

A checkpoint is filled under a temporary name and renamed once its manifest is written, so one that can be
found is complete; before it is loaded its bytes are compared with the manifest, and an older one is taken if
they differ.
"""

import functools
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from trainer import manifest
from trainer.events import Events
from trainer.failure import StageError
from trainer.sft.model import CausalLM
from trainer.spec import Job
from trainer.stage import classify, storage_message

T = TypeVar("T")

BYTES_PER_PARAMETER = 12  # fp32 weight and two moments


@dataclass(frozen=True, slots=True)
class Trained:
    """What a checkpoint holds: the tensors that it reads and writes in place."""

    model: CausalLM
    optimizer: torch.optim.AdamW


def folder_of(job: Job, step: int) -> Path:
    return job.work / "checkpoints" / f"step-{step:08d}"


def save(trained: Trained, job: Job, *, step: int, rows: str, events: Events) -> str:
    """Writes the state after `step`, prunes older checkpoints and returns the new one's manifest digest.

    `rows`: digest of the plan's rows. All ranks call it together. Raises StageError `storage` when the disk
    is full; then nothing of this checkpoint is left and older ones are untouched.
    """
    # Loaded late: it takes long, and a run's first steps do not need it.
    import torch.distributed.checkpoint as dcp

    events.phase("checkpointing")
    started = time.monotonic()
    final = folder_of(job, step)
    partial = final.with_name(f".{final.name}.partial")
    rank = dist.get_rank()
    _together(lambda: _make_room(trained.model, final) if rank == 0 else None)

    def publish(parts: list[list[dict[str, Any]]]) -> str:
        state = {"step": step, "recipeDigest": job.spec.recipe_digest, "rows": rows}
        (partial / "state.json").write_text(json.dumps(state) + "\n", encoding="utf-8")
        common = [manifest.entry(partial / name, partial) for name in (".metadata", "state.json")]
        files = [*common, *(file for part in parts for file in part)]
        digest = manifest.publish(partial, final, stage="train", spec=job.digest, files=files)
        seconds, size = time.monotonic() - started, sum(file["bytes"] for file in files)
        events.checkpoint(step=step, path=final, work=job.work, seconds=seconds, size=size)
        _prune(final.parent, keep=job.spec.recipe.training.checkpoint.keep)
        return digest

    try:
        dcp.save(_state(trained), checkpoint_id=str(partial), no_dist=False)
        own = sorted(partial.glob(f"__{rank}_*"))
        parts = _together(lambda: [manifest.entry(path, partial) for path in own])
        return _together(lambda: publish(parts) if rank == 0 else "")[0]
    except BaseException as error:  # DCP's CheckpointException is no Exception.
        if rank == 0:
            shutil.rmtree(partial, ignore_errors=True)
        if classify(error).exit_class == "storage":
            message = storage_message(final.parent, needed=_bytes(trained.model))
            raise StageError("storage", message) from error
        raise


def resume(trained: Trained, job: Job, *, rows: str, events: Events) -> int:
    """Loads the newest sound checkpoint of this recipe and plan; returns its step, 0 when there is none.

    All ranks call it together. Raises StageError `data` when there are checkpoints and none can be used.
    """
    refused: list[str] = []
    for step, folder in _found(job):
        # The ranks share the reading of the files, and all act on what any of them found.
        reasons = _together(functools.partial(_refusal, folder, job, rows))
        reason = next((reason for reason in reasons if reason is not None), None)
        if reason is None:
            import torch.distributed.checkpoint as dcp

            _start_moments(trained, step)
            dcp.load(_state(trained), checkpoint_id=str(folder))
            for why in refused:
                events.note(
                    f"A checkpoint was passed over: {why}. Training goes on from step {step}.",
                    level="warning",
                )
            return step
        refused.append(reason)
    if refused:
        message = (
            f"No checkpoint can be used: {'; '.join(refused[:3])}. Restore one from a copy, or remove "
            f"{job.work / 'checkpoints'} to start from the beginning."
        )
        raise StageError("data", message)
    return 0


def _found(job: Job) -> Iterator[tuple[int, Path]]:
    folders = sorted((job.work / "checkpoints").glob("step-*"), reverse=True)
    return ((int(folder.name.removeprefix("step-")), folder) for folder in folders)


def _refusal(folder: Path, job: Job, rows: str) -> str | None:
    """Why this checkpoint cannot be used, as far as this rank's share of its files tells."""
    listed = manifest.read(folder)
    if listed is None:
        return f"{folder} has no readable manifest"
    rank, world = dist.get_rank(), dist.get_world_size()
    broken = manifest.damage(folder, listed["files"][rank::world])
    if broken is not None:
        return broken
    try:
        state = json.loads((folder / "state.json").read_bytes())
    except (OSError, ValueError) as error:
        return f"{folder / 'state.json'} cannot be read ({error})"
    if (state.get("recipeDigest"), state.get("rows")) != (job.spec.recipe_digest, rows):
        return f"{folder} belongs to another recipe or to other data"
    return None


def _state(trained: Trained) -> dict[str, Any]:
    """Tensors by kind and parameter name; the optimizer's counter follows from the step."""
    state: dict[str, dict[str, Tensor]] = {"weights": {}, "exp_avg": {}, "exp_avg_sq": {}}
    for name, parameter in trained.model.named_parameters():
        moments = trained.optimizer.state[parameter]
        state["weights"][name] = parameter.detach()
        state["exp_avg"][name] = moments["exp_avg"]
        state["exp_avg_sq"][name] = moments["exp_avg_sq"]
    return state


def _start_moments(trained: Trained, step: int) -> None:
    """The optimizer makes its state at its first step; a checkpoint needs it before, to load into."""
    for parameter in trained.model.parameters():
        trained.optimizer.state[parameter] = {
            "step": torch.tensor(float(step), device=parameter.device),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }


def _make_room(model: CausalLM, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    for leftover in final.parent.glob(".step-*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)
    if shutil.disk_usage(final.parent).free < _bytes(model):
        raise StageError("storage", storage_message(final.parent, needed=_bytes(model)))


def _bytes(model: CausalLM) -> int:
    return BYTES_PER_PARAMETER * sum(parameter.numel() for parameter in model.parameters())


def _prune(folder: Path, *, keep: int) -> None:
    for old in sorted(folder.glob("step-*"), reverse=True)[keep:]:
        # Renamed first: a checkpoint that is being removed must not be found half.
        doomed = old.with_name(f".{old.name}.partial")
        old.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def _together(work: Callable[[], T]) -> list[T]:
    """Each rank does its part; all get all results, or raise the first rank's error."""
    result: T | None = None
    error: BaseException | None = None
    try:
        result = work()
    except (OSError, StageError) as raised:
        error = raised
    parts: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(parts, (result, error))
    for _, failed in parts:
        if failed is not None:
            raise failed
    return [part for part, _ in parts]
