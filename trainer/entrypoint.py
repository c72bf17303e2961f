"""The first process of a stage's container: runs the stage's command and tells Kubernetes how it ended.

    python -m trainer.entrypoint COMMAND...

SIGTERM: Kubernetes tells only this process. Handed on to torchrun it would kill the workers, so the workers
that can save and stop are asked one by one (SIGUSR1); a command without such workers gets the SIGTERM, and
a second SIGTERM goes to the command in any case. Ranks that hang are ended (trainer.supervise.watchdog).
While this process is well it touches a file for a liveness probe (trainer.supervise.liveness). At the end
the reason is written to `$STINT_TERMINATION_LOG` (orchestrator/wire/termination.ts) and its code is this
process's exit code, because torchrun itself exits 1 for everything.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainer.failure import EXIT_CODE_OF_CLASS
from trainer.outcome import Ending, Traces, judge
from trainer.stage import die_with_parent
from trainer.supervise.evidence import flight_recorder_environment, keep_records, send
from trainer.supervise.liveness import Alive
from trainer.supervise.watchdog import Watchdog, end

MESSAGE_BYTES = 4096
TAIL_LINES = 20
LOOK_SECONDS = 1.0


def main(command: Sequence[str]) -> int:
    """Runs the command to its end; returns the exit code of its class."""
    if not command:
        ending = {"exitClass": "usage", "message": "No command: python -m trainer.entrypoint COMMAND..."}
    elif (busy := _busy_port(command)) is not None:
        ending = {"exitClass": "infrastructure", "message": busy}
    else:
        ending = _supervised(command)
    _write_termination(ending)
    return EXIT_CODE_OF_CLASS[ending["exitClass"]]


def _supervised(command: Sequence[str]) -> dict[str, Any]:
    """How the command ended, or why it was not run: a container that says nothing is a riddle."""
    try:
        traces_folder = Path(tempfile.mkdtemp(prefix="stint-outcome-"))
    except OSError as error:
        return {
            "exitClass": "configuration",
            "message": (
                f"No folder for temporary files can be made: {error.strerror}. Mount one that may be "
                "written, an emptyDir at /tmp, or set TMPDIR to one."
            ),
        }
    try:
        return _supervise(command, traces_folder)
    except Exception as error:
        traceback.print_exc()
        message = f"The entrypoint itself failed: {type(error).__name__}: {error}. Its log has the place."
        return {"exitClass": "unknown", "message": message}
    finally:
        shutil.rmtree(traces_folder, ignore_errors=True)


def _supervise(command: Sequence[str], traces_folder: Path) -> dict[str, Any]:
    num_oom_kills = _num_oom_kills()
    terminations, is_ending = 0, False
    child: subprocess.Popen[bytes] | None = None

    def terminate(_signal: int, _frame: object) -> None:
        nonlocal terminations, is_ending
        terminations += 1
        if child is None:
            return
        stoppable = [int(path.read_text()) for path in traces_folder.glob("*.stoppable")]
        if stoppable and terminations == 1:
            for pid in stoppable:
                send(pid, signal.SIGUSR1)
        else:
            is_ending = True
            send(child.pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, terminate)
    environment = {
        **os.environ,
        **flight_recorder_environment(traces_folder),
        "STINT_OUTCOME": str(traces_folder),
    }
    try:
        # Same process group, so that whoever kills the container's group takes the command along.
        child = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, preexec_fn=die_with_parent)
    except OSError as error:
        return {"exitClass": "configuration", "message": f"Cannot run {command[0]}: {error.strerror}."}
    if terminations:
        is_ending = True
        send(child.pid, signal.SIGTERM)
    with _passed_on_errors(child) as tail:
        hung = _watch(child, Watchdog(traces_folder), lambda: (terminations > 0, is_ending))
    if child.returncode != 0 or hung is not None:
        keep_records(traces_folder)
    if hung is not None:
        return hung
    ending = Ending(
        code=child.returncode,
        was_terminated=terminations > 0,
        was_out_of_memory=_num_oom_kills() > num_oom_kills,
        last_lines="".join(tail),
    )
    return judge(ending, _read_traces(traces_folder))


def _watch(
    child: "subprocess.Popen[bytes]", watchdog: Watchdog, asked: Callable[[], tuple[bool, bool]]
) -> dict[str, Any] | None:
    """Waits for the command's end; returns how it was if its ranks hung and were ended for it, else None.

    `asked`: whether they were asked to stop, and whether to end without saving.
    """
    alive = Alive()
    while True:
        alive.touch()
        try:
            child.wait(LOOK_SECONDS)
            return None
        except subprocess.TimeoutExpired:
            is_stopping, is_ending = asked()
        if is_ending:
            end(child, watchdog.pids().values())
            return None
        ending = watchdog.look(child, stopping=is_stopping)
        if ending is not None:
            return ending


@contextmanager
def _passed_on_errors(child: "subprocess.Popen[bytes]") -> Iterator[deque[str]]:
    """Copies the command's standard error to ours; keeps its end for when nobody says what went wrong."""
    tail: deque[str] = deque(maxlen=TAIL_LINES)

    def copy() -> None:
        assert child.stderr is not None
        for line in child.stderr:
            tail.append(line.decode(errors="replace"))
            os.write(sys.stderr.fileno(), line)

    # A daemon, because a stray grandchild could hold the pipe open after the command has ended.
    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    yield tail
    thread.join(timeout=2)


def _read_traces(folder: Path) -> Traces:
    def rank_of(path: Path) -> int:
        return int(path.name.split(".")[0])

    return Traces(
        started=frozenset(rank_of(path) for path in folder.glob("*.started")),
        outcomes={rank_of(path): json.loads(path.read_bytes()) for path in folder.glob("*.json")},
        crashes={rank_of(path): text for path in folder.glob("*.crash") if (text := path.read_text())},
    )


def _busy_port(command: Sequence[str]) -> str | None:
    """Why torchrun could not open its rendezvous here; seen before it spends seconds to say so at length."""
    port = next((word.split("=")[1] for word in command if word.startswith("--master-port=")), "")
    if not port.isdecimal() or os.environ.get("JOB_COMPLETION_INDEX", "0") != "0":
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", int(port)))
        except OSError as error:
            todo = "End the process that holds it (ss -ltnp), or start again on another port."
            return f"The rendezvous port {port} cannot be opened: {error.strerror}. {todo}"
    return None


def _write_termination(ending: dict[str, Any]) -> None:
    path = os.environ.get("STINT_TERMINATION_LOG")
    if not path:
        return
    try:
        Path(path).write_bytes(encode_termination(ending))
    except OSError as error:
        print(f"Cannot write the termination message to {path}: {error.strerror}", file=sys.stderr)


def encode_termination(ending: dict[str, Any]) -> bytes:
    """JSON of at most 4,096 bytes: the message is cut, at a character, as far as needed."""
    message = str(ending["message"])
    while (
        len(encoded := json.dumps({**ending, "message": message}, ensure_ascii=False).encode())
        > MESSAGE_BYTES
    ):
        # A character takes up to six bytes when escaped: cutting so few never cuts more than needed.
        excess = len(encoded) - MESSAGE_BYTES
        message = message[: len(message) - max(1, excess // 6)]
    return encoded


def _num_oom_kills() -> int:
    """Processes of this container that the kernel has killed for memory (cgroup v2), where it tells."""
    try:
        lines = Path("/sys/fs/cgroup/memory.events").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    # Not sys.exit: it would wait for a thread that writes to a log which nobody reads any more.
    os._exit(code)
