"""What is wrong with a file that should be compressed with gzip, in words for whoever made it."""

import zlib
from pathlib import Path

MARK = b"\x1f\x8b"


def trouble(path: Path, error: EOFError | zlib.error | OSError) -> str:
    """`error`: what the reader of gzip raised."""
    with path.open("rb") as file:
        if file.read(len(MARK)) != MARK:
            return "is not compressed with gzip, whatever its name says"
    if isinstance(error, EOFError):
        return "is cut off: its compression has no end"
    return "is damaged: what is compressed in it cannot be read, or differs from its check sum"
