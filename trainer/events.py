"""Events of a stage (orchestrator/wire/trainer-event.ts): JSON lines on standard output and in a file.

The file is the record when a pod's log is lost; standard output is what a control plane follows.
"""

import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any, Literal, TextIO

from trainer.spec import Job

Phase = Literal["loading", "training", "recomputing", "checkpointing", "preparing", "exporting", "evaluating"]


class Events:
    """Writes one pod's events. `speaks=False` gives a writer that stays silent, for a pod's other ranks."""

    def __init__(self, job: Job, *, speaks: bool = True) -> None:
        self._phase: Phase | None = None
        self._file: TextIO | None = None
        if speaks:
            folder = job.work / "events"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{job.stage}-a{job.attempt}-{job.index}.jsonl"
            self._file = path.open("a", encoding="utf-8")

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
        seconds: float,
    ) -> None:
        """One optimizer step, from 1; `tokens` counts all ranks' tokens without padding."""
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
        }
        self._write("step", fields)

    def checkpoint(self, *, step: int, path: Path, work: Path, seconds: float, size: int) -> None:
        where = path.relative_to(work).as_posix()
        self._write("checkpoint", {"step": step, "path": where, "seconds": round(seconds, 3), "bytes": size})

    def progress(self, what: str, *, done: int, total: int) -> None:
        self._write("progress", {"what": what, "done": done, "total": total})

    def note(self, message: str, *, level: Literal["info", "warning", "error"] = "info") -> None:
        self._write("note", {"level": level, "message": message})

    def _write(self, event: str, fields: dict[str, Any]) -> None:
        if self._file is None:
            return
        record = {"event": event, "at": time.time_ns() // 1_000_000, **fields}
        line = json.dumps(record, allow_nan=False, ensure_ascii=False) + "\n"
        # One write a line, past Python's buffers, so that lines of other processes cannot cut into it.
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), line.encode())
        self._file.write(line)
        self._file.flush()


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
