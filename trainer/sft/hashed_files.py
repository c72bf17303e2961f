"""Checkpoint files whose digests are known when they are written: nothing is read again for them.

A 32B model's state read back took as long as it had taken to write it, while every device waited.
"""

import hashlib
import io
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from torch.distributed.checkpoint import FileSystemWriter
from torch.distributed.checkpoint.filesystem import DEFAULT_SUFFIX, FileSystem

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class HashedFiles(FileSystem):
    """Files as torch.distributed.checkpoint writes them, from their first byte to their last."""

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[str, _Hashed] = {}

    @contextmanager
    def create_stream(self, path: str | os.PathLike[str], mode: str) -> Generator[io.IOBase, None, None]:
        if mode != "wb":
            with super().create_stream(path, mode) as other:
                yield other
            return
        with Path(path).open("wb") as file:
            stream = self._written[Path(path).name] = _Hashed(file)
            yield stream

    def shards(self) -> list[dict[str, Any]]:
        """The manifest's lines of this rank's part (trainer.manifest)."""
        return [
            {"path": name, "bytes": file.num_bytes, "sha256": f"sha256:{file.digest.hexdigest()}"}
            for name, file in self._written.items()
            if name.endswith(DEFAULT_SUFFIX)
        ]


def hashed_writer(folder: Path) -> tuple[FileSystemWriter, HashedFiles]:
    """Writes a rank's part into `folder`, through to the disk, and knows what it has written."""
    writer, files = FileSystemWriter(folder, sync_files=True), HashedFiles()
    writer.fs = files
    return writer, files


class _Hashed(io.BufferedIOBase):
    """A file that is only ever appended to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.num_bytes = 0

    def write(self, content: "ReadableBuffer", /) -> int:
        self.digest.update(content)
        written = self._file.write(content)
        self.num_bytes += written
        return written

    def tell(self) -> int:
        return self.num_bytes

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()
