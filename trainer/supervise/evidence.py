"""What a hang leaves behind: the ranks' stacks and states, NCCL's records, and where people look for them.

Nothing here waits for a rank, a disk or a reader of our output for long: any of them may be what hangs.
"""

import itertools
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

# Stacks are written within milliseconds; NCCL looks once a second whether its records are asked for.
SETTLE_SECONDS = 3.0
TELL_SECONDS = 5.0
# Of all stacks together, in the log. The file in the work folder has them whole.
LOGGED_CHARACTERS = 32_768

FLIGHT_RECORD = "flight-record-"
PIPE = "flight-pipe-"


def flight_recorder_environment(folder: Path) -> dict[str, str]:
    """Makes NCCL keep records of its collectives, and write them when one is late or when it is asked to.

    Nobody else sets these. The recorder reads newer names, too (TORCH_FR_...), and takes them first, but
    NCCL's monitor, which writes the records when a collective is late, knows only these (torch 2.15,
    ProcessGroupNCCL.hpp). A user's own settings stay, by either name.
    """
    wanted = {
        # About three steps of 64 blocks: some 600 collectives each.
        "TORCH_NCCL_TRACE_BUFFER_SIZE": "2000",
        "TORCH_NCCL_DUMP_ON_TIMEOUT": "1",
        "TORCH_NCCL_DEBUG_INFO_TEMP_FILE": str(folder / FLIGHT_RECORD),
        "TORCH_NCCL_DEBUG_INFO_PIPE_FILE": str(folder / PIPE),
    }
    return {name: value for name, value in wanted.items() if name not in os.environ}


def stacks(folder: Path, pids: Mapping[int, int]) -> dict[int, str]:
    """Python stacks of the ranks' threads, as trainer.stage writes them; empty for a rank that gives none."""
    files = {rank: folder / f"{rank}.stacks" for rank in pids}
    files = {rank: path for rank, path in files.items() if path.exists()}  # Others would die of the signal.
    for rank in files:
        send(pids[rank], signal.SIGUSR2)
    for pipe in folder.glob(f"{PIPE}*.pipe"):
        _ask(pipe)
    time.sleep(SETTLE_SECONDS)
    return {rank: files[rank].read_text(errors="replace") if rank in files else "" for rank in pids}


def state(pid: int) -> str:
    """The process's letter in /proc/PID/stat: T is stopped, D waits for a disk; empty where nobody knows."""
    try:
        # After the name, which is in brackets and may itself have some.
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return ""


def tell(message: str, stacks: Mapping[int, str], *, hung_since: float | None) -> None:
    """Puts the message and the stacks where people look: events, log and `hang/` in the work folder.

    `hung_since`: seconds since the epoch; None: no phase of the devices' time begins with it.
    """
    text = "".join(f"--- rank {rank}\n{stacks[rank].strip() or 'no stack'}\n" for rank in sorted(stacks))
    parts = [
        lambda: _print_events(message, hung_since),
        lambda: _write_all(sys.stderr.fileno(), text[:LOGGED_CHARACTERS]),
        lambda: _keep(f"{message}\n\n{text}"),
    ]
    _all_at_once(parts)


def keep_records(folder: Path) -> None:
    """Copies what NCCL's flight recorder has written into `hang/` in the work folder; `folder` goes soon.

    After every end that is no success: a collective that is late or fails ends its process without a hang.
    """
    if records := sorted(folder.glob(f"{FLIGHT_RECORD}*")):
        _all_at_once([lambda: _copy(records)])


@cache
def kept_in() -> Path:
    """The file of this container's evidence; a name that is taken gets a number.

    A job that starts its pods again calls their attempt as before.
    """
    attempt, index = os.environ.get("STINT_ATTEMPT", "1"), os.environ.get("JOB_COMPLETION_INDEX", "0")
    folder, stem = Path(os.environ.get("STINT_WORK", ".")) / "hang", f"attempt-{attempt}-pod-{index}"
    stems = itertools.chain([stem], (f"{stem}.{number}" for number in itertools.count(2)))
    # Records lie beside the text, `STEM-flight-record-3`, or are there without one.
    return next(folder / f"{name}.txt" for name in stems if not any(folder.glob(f"{name}[.-]*")))


def send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _keep(text: str) -> None:
    path = kept_in()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(records: Sequence[Path]) -> None:
    path = kept_in()
    path.parent.mkdir(parents=True, exist_ok=True)
    for record in records:
        shutil.copyfile(record, path.with_name(f"{path.stem}-{record.name}"))


def _print_events(message: str, hung_since: float | None) -> None:
    now = time.time()
    events: list[dict[str, Any]] = []
    if hung_since is not None:
        # From the last sign of life on: that is what the devices have waited for nothing.
        events.append({"event": "phase", "at": round(hung_since * 1000), "phase": "hung"})
    events.append({"event": "note", "at": round(now * 1000), "level": "error", "message": message})
    for event in events:
        _write_all(sys.stdout.fileno(), json.dumps(event, ensure_ascii=False) + "\n")


def _write_all(descriptor: int, text: str) -> None:
    """Past Python's buffers, whose locks a blocked writer holds until the end of the process."""
    content = text.encode()
    while content:
        content = content[os.write(descriptor, content) :]


def _ask(pipe: Path) -> None:
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        os.write(descriptor, b"1")
        os.close(descriptor)
    except OSError:
        pass  # Nobody reads it: that rank has no NCCL.


def _all_at_once(parts: Sequence[Callable[[], None]]) -> None:
    """Each in a thread of its own: a log that nobody reads must not keep the file from being written."""
    threads = [threading.Thread(target=_quietly, args=(part,), daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + TELL_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _quietly(part: Callable[[], None]) -> None:
    try:
        part()
    except OSError:
        pass
