"""Asks the judges of `server`, started when the first answer comes."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Literal, Self, cast

from trainer.failure import StageError


class MathGrader:
    """Judges by `trainer.evaluate.math`, in a process of its own; a context manager that ends it."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    @property
    def pid(self) -> int | None:
        """Of the judges; None before the first answer."""
        return None if self._server is None else self._server.pid

    def judge(self, reference: str, text: str) -> Literal["right", "wrong", "unreadable"]:
        """`unreadable` also where judging takes longer or needs more memory than one answer may.

        Raises StageError `configuration` when the judges cannot be started.
        """
        return cast(
            Literal["right", "wrong", "unreadable"], self._ask({"reference": reference, "text": text})
        )

    def is_readable(self, reference: str) -> bool:
        """Whether answers can be held against a reference. Raises StageError as `judge`."""
        return self._ask({"reference": reference}) == "right"

    def _ask(self, question: dict[str, str]) -> str:
        if self._server is None:
            command = [sys.executable, "-m", "trainer.evaluate.math.server"]
            self._server = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        assert self._server.stdin is not None and self._server.stdout is not None
        try:
            self._server.stdin.write(json.dumps(question) + "\n")
            self._server.stdin.flush()
            line = self._server.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line == "":
            status = self._server.wait()
            self._server = None
            message = (
                f"The judges of the grader `math` have ended with status {status}: is math-verify installed?"
            )
            raise StageError("configuration", message)
        return cast(str, json.loads(line))
