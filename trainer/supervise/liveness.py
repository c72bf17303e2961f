"""The file by which a liveness probe sees that the container's first process is well."""

import os
import time
from pathlib import Path

DEFAULT_FOLDER = "/run/stint"
EVERY_SECONDS = 10.0


class Alive:
    """`alive` in `$STINT_RUN_FOLDER`, else in /run/stint where there is one; nothing otherwise."""

    def __init__(self) -> None:
        folder = Path(os.environ.get("STINT_RUN_FOLDER") or DEFAULT_FOLDER)
        self._path = folder / "alive" if folder.is_dir() else None
        self._touched_at = float("-inf")

    def touch(self) -> None:
        """Every 10 s, however often it is called."""
        now = time.monotonic()
        if self._path is None or now - self._touched_at < EVERY_SECONDS:
            return
        self._touched_at = now
        try:
            self._path.touch()
        except OSError:
            self._path = None  # A folder that is not ours to write to: then there is no such probe either.
