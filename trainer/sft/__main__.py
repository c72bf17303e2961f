"""The train stage's command: `torchrun --nproc-per-node=N -m trainer.sft`."""

import json
import os

from trainer import manifest
from trainer.sft.read_ahead import read_ahead
from trainer.spec import Job
from trainer.stage import Outcome, run
from trainer.supervise.heartbeat import STARTUP_SECONDS, Heartbeat


def main(job: Job) -> Outcome:
    return _finished(job) or _train(job)


def _finished(job: Job) -> Outcome | None:
    """The result if the last step's checkpoint is there; known without torch, which takes seconds to load."""
    try:
        steps = json.loads((job.work / "data" / "prepared.json").read_bytes())["steps"]
    except (OSError, ValueError, KeyError):
        return None
    folder = job.work / "checkpoints" / f"step-{steps:08d}"
    if not manifest.is_done(folder, stage="train", spec=job.digest):
        return None
    message = f"{folder} holds the last of {steps} steps; nothing to do."
    return Outcome(message, manifest=manifest.sha256(folder / manifest.NAME), step=steps)


def _train(job: Job) -> Outcome:
    Heartbeat().beat("starting", allowed_seconds=STARTUP_SECONDS)
    if job.spec.recipe.training.compile:
        # Ranks and later attempts find what was compiled; torch keeps it by code, release, device and shape.
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(job.work / "compiled"))
    ahead = read_ahead(job, rank=int(os.environ.get("RANK", "0")))
    try:
        from trainer.sft.train import train

        return train(job, ahead)
    finally:
        # A process that ends waits for its threads: what is still to be read would hold the devices.
        ahead.close()


if __name__ == "__main__":
    run(main)
