"""Why a stage ends: the control plane's exit classes, their codes, and the error that carries one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

# The same table as EXIT_CODE_OF_CLASS in orchestrator/wire/termination.ts; a test compares the two.
EXIT_CODE_OF_CLASS: Final = {
    "succeeded": 0,
    "usage": 64,
    "data": 65,
    "missing-input": 66,
    "numerics": 70,
    "storage": 74,
    "interrupted": 75,
    "configuration": 78,
    "out-of-memory": 79,
    "infrastructure": 80,
    "hung": 81,
    "unfit": 82,
    "unknown": 1,
}


class StageError(Exception):
    """An expected end of a stage. `message` says what happened, where, and what to do, in that order."""

    def __init__(
        self, exit_class: str, message: str, *, step: int | None = None, where: str | None = None
    ) -> None:
        assert exit_class in EXIT_CODE_OF_CLASS, exit_class
        super().__init__(message)
        self.exit_class = exit_class
        self.message = message
        self.step = step
        self.where = where
        """The file, and the line where one is known."""

    def __reduce__(self) -> tuple[Callable[..., StageError], tuple[str, str, int | None, str | None]]:
        # A rank sends its error to the others by pickle, which by default would call the class with the
        # message alone.
        return _restored, (self.exit_class, self.message, self.step, self.where)


def _restored(exit_class: str, message: str, step: int | None, where: str | None) -> StageError:
    return StageError(exit_class, message, step=step, where=where)
