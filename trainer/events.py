"""Events of a stage (orchestrator/wire/trainer-event.ts): JSON lines on standard output and in a file.

The file is the record when a pod's log is lost; standard output is what a control plane follows.
"""

import itertools
import json
import math
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

from trainer.sft.fabric import Fabric
from trainer.spec import CommonJob, RecomputeMode

# The last step is in it: what may follow a step are a few short events.
TAIL_BYTES = 65536

StepPhase = Literal["update", "pack", "forward", "backward", "exchange"]
Phase = Literal["loading", "training", "recomputing", "checkpointing", "preparing", "exporting", "evaluating"]


class Events:
    """Writes one pod's events. `speaks=False` gives a writer that stays silent, for a pod's other ranks."""

    def __init__(self, job: CommonJob, *, speaks: bool = True) -> None:
        self._phase: Phase | None = None
        self._file: TextIO | None = None
        # A checkpoint is announced by the thread that wrote it.
        self._lock = threading.Lock()
        if speaks:
            self._file = _new_file(job)

    def phase(self, phase: Phase) -> None:
        """What the held device does from now on; saying the same phase twice says nothing."""
        if phase != self._phase:
            self._phase = phase
            self._write("phase", {"phase": phase})

    def step(
        self,
        *,
        step: int,
        steps: int,
        loss: float,
        token_loss: float,
        learning_rate: float,
        gradient_norm: float,
        tokens: int,
        padded_tokens: int,
        mfu: float,
        hfu: float,
        planned_mfu: float,
        recompute: RecomputeMode,
        memory_bytes: int,
        phase_seconds: Mapping[StepPhase, float],
    ) -> None:
        """One optimizer step, from 1; `tokens` counts all ranks' tokens without padding.

        A step's time runs from the exchange of the step before to its own, so that steps follow one another
        without gap: its `update` is that of the step before.
        """
        parts = {phase: round(seconds, 6) for phase, seconds in phase_seconds.items()}
        seconds = sum(parts.values())
        fields = {
            "step": step,
            "steps": steps,
            "loss": _finite(loss),
            "tokenLoss": _finite(token_loss),
            "learningRate": learning_rate,
            "gradientNorm": _finite(gradient_norm),
            "tokens": tokens,
            "seconds": round(seconds, 6),
            "tokensPerSecond": round(tokens / seconds, 1) if seconds > 0 else 0,
            "mfu": round(mfu, 6),
            "hfu": round(hfu, 6),
            "plannedMfu": round(planned_mfu, 6),
            "recompute": recompute,
            "memoryBytes": memory_bytes,
            "paddedTokens": padded_tokens,
            "phaseSeconds": parts,
        }
        self._write("step", fields)

    def preflight(
        self,
        *,
        seconds: float,
        gemm_flops_per_second: Sequence[float],
        ring_bytes_per_second: float | None,
        disk_bytes_per_second: Sequence[float],
        memory_free_bytes: Sequence[int],
        fabrics: Sequence[Fabric],
        transport: str | None,
    ) -> None:
        """What was measured of the machines; by rank, disks and what reaches other nodes by node."""
        fields = {
            "seconds": round(seconds, 3),
            "gemmFlopsPerSecond": [round(rate) for rate in gemm_flops_per_second],
            "ringBytesPerSecond": None if ring_bytes_per_second is None else round(ring_bytes_per_second),
            "diskBytesPerSecond": [round(rate) for rate in disk_bytes_per_second],
            "memoryFreeBytes": list(memory_free_bytes),
            "network": {
                "transport": transport,
                "adapters": [len(each.adapters) for each in fabrics],
                "activeAdapters": [len(each.active) for each in fabrics],
                "libraryLoads": [each.library_error is None for each in fabrics],
                "pinnableBytes": [each.pinnable_bytes for each in fabrics],
            },
        }
        self._write("preflight", fields)

    def checkpoint(
        self, *, step: int, path: Path, work: Path, seconds: float, blocked_seconds: float, size: int
    ) -> None:
        """A published checkpoint; training stood still for `blocked_seconds` of the `seconds` it took."""
        fields = {
            "step": step,
            "path": path.relative_to(work).as_posix(),
            "seconds": round(seconds, 3),
            "blockedSeconds": round(blocked_seconds, 3),
            "bytes": size,
        }
        self._write("checkpoint", fields)

    def progress(self, what: str, *, done: int, total: int) -> None:
        self._write("progress", {"what": what, "done": done, "total": total})

    def fetched(self, done: int, total: int) -> None:
        """How many files of how many have come from a hub."""
        self.progress("files fetched", done=done, total=total)

    def note(self, message: str, *, level: Literal["info", "warning", "error"] = "info") -> None:
        self._write("note", {"level": level, "message": message})

    def _write(self, event: str, fields: dict[str, Any]) -> None:
        if self._file is None:
            return
        record = {"event": event, "at": time.time_ns() // 1_000_000, **fields}
        line = json.dumps(record, allow_nan=False, ensure_ascii=False) + "\n"
        with self._lock:
            # One write a line, past Python's buffers, so that lines of other processes cannot cut into it.
            sys.stdout.flush()
            os.write(sys.stdout.fileno(), line.encode())
            self._file.write(line)
            self._file.flush()


def last_reported_step(job: CommonJob) -> int:
    """The highest optimizer step in the events of this stage's earlier lives, 0 without any.

    A gang that Kubernetes starts again gets the environment of its first start, which knows nothing of them.
    """
    return max(map(_last_step, _folder(job).glob(f"{job.stage}-a*-*.jsonl")), default=0)


def _last_step(path: Path) -> int:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        lines = file.read().splitlines()
    for line in reversed(lines):
        try:
            event = json.loads(line)
        except ValueError:
            continue  # Cut in two, by the end of the process or by our seek.
        if event["event"] == "step":
            return int(event["step"])
    return 0


def _new_file(job: CommonJob) -> TextIO:
    """Each life of an attempt has its own: `train-a1-0.jsonl`, then `train-a1-0.2.jsonl` and so on."""
    folder = _folder(job)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{job.stage}-a{job.attempt}-{job.index}"
    for life in itertools.count(1):
        suffix = "" if life == 1 else f".{life}"
        try:
            return (folder / f"{name}{suffix}.jsonl").open("x", encoding="utf-8")
        except FileExistsError:
            continue
    raise AssertionError


def _folder(job: CommonJob) -> Path:
    return job.work / "events"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
