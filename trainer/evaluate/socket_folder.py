"""Where processes of one machine find each other by sockets, whose names may not be long."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Bytes of a socket's path on Linux, without the one that ends it; macOS has three fewer.
LONGEST_PATH = 104
# A slash and a UUID, as vLLM names its own.
NAME = 37


@contextmanager
def socket_folder() -> Iterator[Path]:
    """The folder for temporary files; that of a local pod may be too deep, and then another one."""
    usual = Path(tempfile.gettempdir())
    if len(bytes(usual)) + NAME <= LONGEST_PATH:
        yield usual
        return
    with tempfile.TemporaryDirectory(prefix="stint-", dir="/tmp") as folder:
        yield Path(folder)
