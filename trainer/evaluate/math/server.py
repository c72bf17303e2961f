"""Judges one answer after the other, a line of JSON each, in children that can be ended.

`client` starts it. SymPy is loaded once. A child lives as long as its answers take no longer and need no more
memory than one may; the next one is forked from what is loaded, in milliseconds.
"""

import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import IO

from trainer.evaluate.math.equality import is_readable, judge

# Of one answer; nobody writes one that takes longer, and a model may. Processor time, so that a busy machine
# grades as an idle one does; where that is not told, the time that passes.
SECONDS = 1.5
BUSY_FACTOR = 40
POLL_SECONDS = 0.02
MEMORY_BYTES = 4 * 2**30
# Deep nesting ends as an error of its own, below the depth at which C code ends the process.
DEPTH = 2_000


def main() -> None:
    """Reads `{"reference", "text"}`, writes a judgement; without `text`, whether a reference is readable."""
    child: Child | None = None
    for line in sys.stdin.buffer:
        child = child or Child()
        answer = child.ask(line)
        if answer is None:
            child.end()
            child = None
        print(json.dumps(answer or "unreadable"), flush=True)
    if child is not None:
        child.end()


class Child:
    """A fork of this process that answers questions until it is ended."""

    def __init__(self) -> None:
        question_end, self._questions = os.pipe()
        self._answers, answer_end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._questions)
            os.close(self._answers)
            serve(os.fdopen(question_end, "rb"), answer_end)
        os.close(question_end)
        os.close(answer_end)

    def ask(self, line: bytes) -> str | None:
        """None when it has not answered in time, or has died of the question."""
        begun, used = time.monotonic(), processor_seconds(self._pid)
        try:
            os.write(self._questions, line)
        except BrokenPipeError:
            return None
        while not select.select([self._answers], [], [], POLL_SECONDS)[0]:
            passed, now = time.monotonic() - begun, processor_seconds(self._pid)
            spent = passed if used is None or now is None else now - used
            if spent > SECONDS or passed > BUSY_FACTOR * SECONDS:
                return None
        return os.read(self._answers, 64).decode().strip() or None

    def end(self) -> None:
        """Kills it and forgets it."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._questions)
        os.close(self._answers)


def processor_seconds(pid: int) -> float | None:
    """What a process has used so far (proc(5), fields 14 and 15 of stat); None where there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return None
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def serve(questions: IO[bytes], answers: int) -> None:
    """In the child: never returns."""
    # A library that prints must not seem to answer.
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.setrecursionlimit(DEPTH)
    for line in questions:
        os.write(answers, f"{judged(json.loads(line))}\n".encode())
    os._exit(0)


def judged(question: dict[str, str]) -> str:
    """What the library cannot read by an error of its own is unreadable."""
    try:
        if "text" not in question:
            return "right" if is_readable(question["reference"]) else "unreadable"
        return judge(question["reference"], question["text"])
    except Exception:
        return "unreadable"


if __name__ == "__main__":
    main()
