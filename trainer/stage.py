"""A stage's process from start to end: whatever happens, its supervisor learns class and message.

Each process of a stage leaves two files in `$STINT_OUTCOME`, a folder of its pod's entrypoint:
`<rank>.started` when it begins and `<rank>.json` when it ends by its own will. A process that left only the
first was killed or crashed.
"""

import ctypes
import errno
import faulthandler
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Never

from trainer import manifest
from trainer.events import Events
from trainer.failure import EXIT_CODE_OF_CLASS, StageError
from trainer.load_job import load_job
from trainer.spec import CommonJob, Job

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# torch's writer says this when a write fails; an error from another rank has lost the OSError behind it.
FAILED_WRITE = ("PytorchStreamWriter failed", "inline_container.cc")
# By name, because the classes live in torch, which not every stage loads.
OUT_OF_MEMORY = ("MemoryError", "OutOfMemoryError")
LOST_PEER = ("DistBackendError", "DistNetworkError", "DistStoreError")
LOST_PEER_TEXT = (
    "Connection closed by peer",
    "Connection reset by peer",
    "gloo",
    "Broken pipe",
    "Timed out waiting",
)
PR_SET_PDEATHSIG = 1

_stop_requested = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stage succeeded."""

    message: str
    manifest: str | None = None
    """Digest of the manifest of what the stage made."""
    step: int | None = None


def done_before(job: CommonJob, folder: Path, events: Events, *, stage: str, done: str) -> Outcome | None:
    """The outcome where `folder` holds all that the stage would make, and is told as `done`; else None."""
    if not manifest.is_done(folder, stage=stage, spec=job.digest):
        return None
    message = f"{folder} is {done} for this very specification; nothing to do."
    events.note(message)
    return Outcome(message, manifest=manifest.sha256(folder / manifest.NAME))


def run(stage: Callable[[Job], Outcome]) -> Never:
    """Runs a stage of training to its exit code (trainer.failure) and leaves word of the outcome."""
    run_loaded(lambda: stage(load_job()))


def run_loaded(stage: Callable[[], Outcome]) -> Never:
    """The same of a stage that reads its specification itself."""
    die_with_parent()
    _announce("started", str(os.getpid()))
    try:
        _watch_crashes()
        outcome = stage()
        result: dict[str, object] = {
            "exitClass": "succeeded",
            "message": outcome.message,
            "step": outcome.step,
            "manifest": outcome.manifest,
        }
    except BaseException as error:
        failure = classify(error)
        result = {"exitClass": failure.exit_class, "message": failure.message, "step": failure.step}
        if failure.exit_class == "unknown":
            traceback.print_exc()
        result["lostPeer"] = failure.exit_class == "infrastructure" and any(map(_is_lost_peer, _chain(error)))
    result = {key: value for key, value in result.items() if value is not None}
    _announce("json", json.dumps({**result, "at": time.time()}))
    if result["exitClass"] != "succeeded":
        print(f"{result['exitClass']}: {result['message']}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    # Not sys.exit: tearing down process groups whose peers are gone can hang or abort, and all files are
    # closed.
    os._exit(EXIT_CODE_OF_CLASS[str(result["exitClass"])])


def heed_stop_requests() -> None:
    """From now on a stop request (SIGUSR1 from the entrypoint) is remembered instead of ending the process.

    Not SIGTERM: torchrun sends that to the workers that are left when one has failed; they must die at once.
    """

    def remember(_signal: int, _frame: object) -> None:
        global _stop_requested
        _stop_requested = True

    signal.signal(signal.SIGUSR1, remember)
    _announce("stoppable", str(os.getpid()))


def stop_requested() -> bool:
    return _stop_requested


def classify(error: BaseException) -> StageError:
    """The expected end that an exception stands for; `unknown` with the traceback's end for any other."""
    for cause in _chain(error):
        if isinstance(cause, StageError):
            return cause
        if isinstance(cause, OSError) and cause.errno in NO_SPACE:
            return StageError("storage", storage_message(cause.filename))
        if isinstance(cause, RuntimeError) and any(text in str(cause) for text in FAILED_WRITE):
            return StageError("storage", storage_message(None))
        if type(cause).__name__ in OUT_OF_MEMORY:
            todo = "Use more devices, a shorter sequence length or a smaller batch."
            return StageError("out-of-memory", f"Out of memory: {cause}. {todo}")
        if isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE:
            return StageError(
                "infrastructure", f"A network port is in use: {cause}. Another process holds it."
            )
    if any(map(_is_lost_peer, _chain(error))):
        return StageError("infrastructure", f"The connection to another rank was lost: {_last_line(error)}")
    lines = traceback.format_exception(error)[-3:]
    return StageError("unknown", "An error that the trainer does not know: " + "".join(lines).strip())


def storage_message(folder: object, *, needed: int | None = None) -> str:
    """What, where and what to do when a file system is full; `needed` in bytes."""
    place = Path(str(folder)) if folder else Path(os.environ.get("STINT_WORK", "."))
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    wanted = f"{needed:,} bytes are needed" if needed else "a file could not be written"
    return f"No space left in {place}: {wanted}, {free:,} are free. Free some there, or use a larger volume."


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and what a distributed checkpoint collected from the ranks."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        cause = pending.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        pending += [cause.__cause__, cause.__context__]
        failures = getattr(cause, "failures", None)
        if isinstance(failures, dict):
            pending += [wrapped[0] for wrapped in failures.values() if isinstance(wrapped, tuple)]


def _is_lost_peer(error: BaseException) -> bool:
    if type(error).__name__ in LOST_PEER:
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in LOST_PEER_TEXT)


def _last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _announce(suffix: str, content: str) -> None:
    folder = os.environ.get("STINT_OUTCOME")
    if folder:
        path = Path(folder) / f"{os.environ.get('RANK', '0')}.{suffix}"
        partial = path.with_name(path.name + ".partial")
        partial.write_text(content, encoding="utf-8")
        partial.rename(path)


def _watch_crashes() -> None:
    """A crash in native code leaves its Python stack beside the other files; so does SIGUSR2, from which the
    process goes on. Its handler runs whatever the interpreter waits for.
    """
    folder = os.environ.get("STINT_OUTCOME")
    if folder:
        rank = os.environ.get("RANK", "0")
        # They stay open for as long as the process lives: the handlers write to their descriptors.
        faulthandler.enable((Path(folder) / f"{rank}.crash").open("w"))
        faulthandler.register(signal.SIGUSR2, (Path(folder) / f"{rank}.stacks").open("w"), all_threads=True)


def die_with_parent() -> None:
    """torchrun's workers are in sessions of their own, where a kill of the pod's group misses them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
