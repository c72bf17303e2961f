"""A rank's signs of life, for the container's first process: what it does, and how long that may take.

They are one small record a rank in `$STINT_OUTCOME`, rewritten in place: a step must not pay for it (20 us).
"""

import dataclasses
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".beat"
# For imports, and for all that is not known yet: five minutes more than ranks.STARTUP_TIMEOUT, after which
# the ranks themselves say who is missing.
STARTUP_SECONDS = 35 * 60.0
# Always as long, so that a record never shows the end of the one before.
RECORD_BYTES = 192


@dataclass(frozen=True, slots=True)
class Beat:
    doing: str
    """For a person: `step 41`, `loading`."""
    usual_seconds: float
    """What it takes when all is well."""
    allowed_seconds: float
    """Silence for longer than this is a hang."""
    at: float
    """On the machine's monotonic clock."""


class Heartbeat:
    """Of the rank that this process is; silent where nobody listens."""

    def __init__(self) -> None:
        folder = os.environ.get("STINT_OUTCOME")
        self._file = -1
        if folder:
            path = Path(folder) / f"{os.environ.get('RANK', '0')}{SUFFIX}"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)

    def beat(self, doing: str, *, allowed_seconds: float, usual_seconds: float | None = None) -> None:
        """From now on the rank does this. Without `usual_seconds` only the limit is known."""
        if self._file < 0:
            return
        usual = allowed_seconds if usual_seconds is None else usual_seconds
        beat = Beat(doing, round(usual, 3), round(allowed_seconds, 3), time.monotonic())
        record = json.dumps(dataclasses.asdict(beat)).encode()
        os.pwrite(self._file, record.ljust(RECORD_BYTES), 0)


def read_beats(folder: Path) -> dict[int, Beat]:
    """The last beat of each rank; a rank whose record cannot be read just now is left out."""
    beats = {}
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            beats[int(path.stem)] = Beat(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            continue
    return beats
