"""Stages as containers run them, for tests: real processes under the entrypoint."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.failure import EXIT_CODE_OF_CLASS
from trainer.supervise.heartbeat import Beat, read_beats
from trainer.tests.dist import free_port
from trainer.tests.jobs import environment

ROOT = Path(__file__).parents[2]
TWO_RANKS = {"world": {"nodes": 1, "devicesPerNode": 2}}
# Marks the processes of this test run, so that those of one beside it are let alone.
MARK = {"STINT_TEST": str(os.getpid())}
# Of the test that runs now (end_all).
_started: list["Container"] = []


@dataclass
class Container:
    """A stage's container, running."""

    process: subprocess.Popen[bytes]
    folder: Path

    def end(self, timeout: float = 90) -> dict[str, Any]:
        """The termination message; its class must be that of the exit code."""
        code = self.process.wait(timeout)
        encoded = (self.folder / "termination").read_bytes()
        assert len(encoded) <= 4096
        told: dict[str, Any] = json.loads(encoded)
        assert EXIT_CODE_OF_CLASS[told["exitClass"]] == code
        return told

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def wait_for(self, condition: Callable[[], bool], timeout: float = 90) -> None:
        end = time.monotonic() + timeout
        while not condition():
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.01)


def torchrun(port: int | None = None) -> list[str]:
    return [
        *(sys.executable, "-m", "torch.distributed.run", "--nnodes=1", "--nproc-per-node=2", "--node-rank=0"),
        *(
            "--master-addr=127.0.0.1",
            f"--master-port={port or free_port()}",
            "--max-restarts=0",
            "-m",
            "trainer.sft",
        ),
    ]


def start(
    folder: Path,
    stage: str,
    command: list[str],
    changes: dict[str, Any] | None = None,
    *,
    limit: str = "",
    attempt: int = 1,
    stdout: int | None = None,
) -> Container:
    """`limit`: shell words before the command, such as `ulimit -f 100; `. `stdout`: in place of the log."""
    told = {"STINT_TERMINATION_LOG": str(folder / "termination"), "STINT_ATTEMPT": str(attempt)}
    variables = environment(folder, stage, changes, **told)
    shell = f'{limit}exec "$0" -m trainer.entrypoint "$@"'
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            ["bash", "-c", shell, sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **variables, **MARK, "OMP_NUM_THREADS": "1"},
            stdout=log if stdout is None else stdout,
            stderr=log,
        )
    container = Container(process, folder)
    _started.append(container)
    return container


def end_all() -> None:
    """What a test has left running would be taken for the next one's."""
    for container in _started:
        container.process.kill()
        container.process.wait()
    _started.clear()
    for pid in worker_pids():
        os.kill(pid, signal.SIGKILL)


def prepared(folder: Path, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return start(folder, "prepare", [sys.executable, "-m", "trainer.prepare"], changes).end()


def steps(folder: Path, attempt: int = 1) -> int:
    """Steps that this attempt has reported."""
    path = folder / "work" / "events" / f"train-a{attempt}-0.jsonl"
    return path.read_text().count('"event": "step"') if path.exists() else 0


def beats_of(pid: int) -> dict[int, Beat]:
    """The last beats of all ranks in the container of this process of ours that trains."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    [folder] = [text.split(b"=", 1)[1] for text in variables if text.startswith(b"STINT_OUTCOME=")]
    return read_beats(Path(os.fsdecode(folder)))


def worker_pids() -> list[int]:
    """Processes of ours that train."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().split(b"\0")
            variables = (path / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[1:3] == [b"-u", b"-m"] and f"STINT_TEST={MARK['STINT_TEST']}".encode() in variables:
            found.append(int(path.name))
    return sorted(found)
