"""Checkpoints that training continues from: sharded, written by every rank while training goes on.

    training thread   steps ... | stage | steps ...                        | stage | steps ...
    writing thread              | write, agree, publish |                  | write ...

Only staging, a copy to host memory, holds the devices; the last checkpoint of a process is waited for. That
of the last step holds the weights alone, as export reads them: a sixth of the bytes of a model in bf16. A
checkpoint is whole or not there at all (trainer.sft.checkpoint_files); an older one is taken if its bytes are
not its manifest's.
"""

import functools
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from trainer.events import Events
from trainer.failure import StageError
from trainer.sft import checkpoint_files as files
from trainer.sft.checkpoint_state import (
    Content,
    State,
    Trained,
    copy_to_host,
    exported_dtype,
    host_like,
    start_moments,
    state_of,
    weights_of,
)
from trainer.sft.together import together
from trainer.spec import Job
from trainer.stage import classify, storage_message

# A slow disk is no fault: watchdogs of 10 to 30 minutes killed runs that were saving (torchtune #2059).
TIMEOUT = timedelta(hours=2)


@dataclass(slots=True)
class _Save:
    """A checkpoint that was begun: its times, for the event that announces it."""

    step: int
    holds: Content
    started: float
    staged: float
    """Training went on."""
    waiting_since: float | None = None
    """Training stands still again until this checkpoint is published."""


class Checkpoints:
    """One rank's part in its run's checkpoints. All ranks make it, and call each method, together."""

    def __init__(self, trained: Trained, job: Job, *, rows: str, events: Events) -> None:
        """`rows`: digest of the plan's rows; a checkpoint of other rows is not continued."""
        self._trained, self._job, self._rows, self._events = trained, job, rows, events
        # Of its own, because the writing thread's exchanges go on between those of the steps.
        group = dist.new_group(backend="gloo", timeout=TIMEOUT)
        assert isinstance(group, dist.ProcessGroup)
        self._group = group
        self._thread = ThreadPoolExecutor(1, "checkpoint", initializer=_use_device, initargs=(_device(job),))
        self._host: State | None = None
        self._save: _Save | None = None
        self._digest: Future[str] | None = None

    def resume(self) -> int:
        """Loads the newest sound checkpoint of this recipe and plan; returns its step, 0 when there is none.

        That of the last step holds no moments and is not loaded: nothing is trained after it.
        Raises StageError `data` when there are checkpoints and none can be used.
        """
        rank, num_ranks = dist.get_rank(), dist.get_world_size()
        found = together(lambda: files.sweep_and_find(self._job) if rank == 0 else [], group=self._group)[0]
        refused: list[str] = []
        for step, folder in found:
            # The ranks share the reading of the files, and all act on what any of them found.
            look = functools.partial(files.refusal, folder, self._job, rows=self._rows)
            reasons = together(functools.partial(look, index=rank, num_readers=num_ranks), group=self._group)
            reason = next((reason for reason in reasons if reason is not None), None)
            if reason is None:
                if files.content_of(folder) == "state":
                    self._load(folder, step)
                for why in refused:
                    self._events.note(
                        f"A checkpoint was passed over: {why}. Training goes on from step {step}.",
                        level="warning",
                    )
                return step
            refused.append(reason)
        if refused:
            message = (
                f"No checkpoint can be used: {'; '.join(refused[:3])}. Restore one from a copy, or remove "
                f"{self._job.work / 'checkpoints'} to start from the beginning."
            )
            raise StageError("data", message)
        return 0

    def begin(self, step: int, *, last: bool = False, holds: Content = "state") -> None:
        """Stages the state after `step` and lets it be written; waits first for an unfinished checkpoint.

        `last`: nothing is trained before `finish`, so the live tensors are written, and never staged.
        `holds`: weights alone only after the last step of all.
        Raises StageError `storage` when there is no room, and what `finish` raises. The events are in phase
        `checkpointing` afterwards: the caller says what the devices do next.
        """
        if self._save is not None and self._save.step == step:
            return
        self.finish()
        self._events.phase("checkpointing")
        started = time.monotonic()
        room = functools.partial(files.make_room, self._job, num_bytes=self._num_bytes(holds))
        together(lambda: room() if dist.get_rank() == 0 else None, group=self._group)
        if holds == "weights":
            state = weights_of(self._trained, exported_dtype(self._job.spec))
        else:
            state = state_of(self._trained) if last else self._staged()
        self._save = _Save(step, holds, started, time.monotonic())
        self._digest = self._thread.submit(self._write, self._save, state)

    def finish(self) -> str | None:
        """Waits for the checkpoint that was begun last; returns its manifest's digest, None without one.

        Raises the first rank's StageError on all ranks; then nothing of this checkpoint is left and older
        ones are untouched.
        """
        if self._save is None or self._digest is None:
            return None
        if not self._digest.done():
            self._events.phase("checkpointing")
            self._save.waiting_since = time.monotonic()
        return self._digest.result()

    @property
    def failed(self) -> bool:
        """This rank knows that `finish` will raise; the others may not know it yet."""
        digest = self._digest
        return digest is not None and digest.done() and digest.exception() is not None

    def _load(self, folder: Path, step: int) -> None:
        import torch.distributed.checkpoint as dcp

        start_moments(self._trained, step)
        dcp.load(state_of(self._trained), checkpoint_id=str(folder), process_group=self._group)

    def _num_bytes(self, holds: Content) -> int:
        if holds == "state":
            return self._trained.state_bytes
        return self._trained.weight_bytes(exported_dtype(self._job.spec))

    def _staged(self) -> State:
        state = state_of(self._trained)
        if self._host is None:
            # Kept for the next: pinning memory takes longer than copying into it.
            self._host = host_like(state)
        copy_to_host(state, self._host)
        return self._host

    def _write(self, save: _Save, state: State) -> str:
        # Loaded late: it takes long, and a run's first steps do not need it.
        import torch.distributed.checkpoint as dcp

        from trainer.sft.hashed_files import hashed_writer

        partial, rank = files.partial_of(self._job, save.step), dist.get_rank()
        try:
            # Rank 0 plans who writes what, the same each time. For plans as of 16 ranks and 64 layers
            # that took 4 s of Python on busy cores, which its steps have to share.
            planner = dcp.DefaultSavePlanner(enable_plan_caching=save.holds == "state")
            writer, written = hashed_writer(partial)
            dcp.save(state, storage_writer=writer, process_group=self._group, planner=planner)
            parts = together(written.shards, group=self._group)
            shards = [file for part in parts for file in part]
            publish = functools.partial(self._publish, save, shards)
            return together(lambda: publish() if rank == 0 else "", group=self._group)[0]
        except BaseException as error:  # DCP's CheckpointException is no Exception.
            if rank == 0:
                shutil.rmtree(partial, ignore_errors=True)
            if classify(error).exit_class != "storage":
                raise
            message = storage_message(partial.parent, needed=self._num_bytes(save.holds))
            raise StageError("storage", message) from error

    def _publish(self, save: _Save, shards: list[dict[str, Any]]) -> str:
        digest, size = files.publish(self._job, save.step, rows=self._rows, holds=save.holds, shards=shards)
        now = time.monotonic()
        self._events.checkpoint(
            step=save.step,
            path=files.folder_of(self._job, save.step),
            work=self._job.work,
            seconds=now - save.started,
            blocked_seconds=save.staged - save.started + now - (save.waiting_since or now),
            size=size,
        )
        return digest


def _device(job: Job) -> int | None:
    return torch.cuda.current_device() if job.spec.device == "cuda" else None


def _use_device(device: int | None) -> None:
    """A new thread's device is the first one, where each rank that touches it leaves a context behind."""
    if device is not None:
        torch.cuda.set_device(device)
