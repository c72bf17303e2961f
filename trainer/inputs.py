"""The files of its owner that a run reads (orchestrator/wire/inputs.ts), and the address of their content."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from trainer import manifest
from trainer.failure import StageError


@dataclass(frozen=True, slots=True)
class InputFile:
    name: str
    """As its owner knows it; errors speak of this."""
    path: str
    """Relative to the run's work folder, or absolute."""
    sha256: str | None
    """Of its content; None where the control plane has not seen it."""


@dataclass(frozen=True, slots=True)
class BenchmarkInputs:
    benchmark: str
    files: list[InputFile]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files of the run's owner; what comes from a hub or a generator has none."""

    model: InputFile | None
    dataset: list[InputFile]
    benchmarks: list[BenchmarkInputs]
    trained_on: InputFile | None = None
    """Records that the model which is evaluated was trained on."""

    def benchmark(self, name: str) -> list[InputFile]:
        return [file for each in self.benchmarks if each.benchmark == name for file in each.files]


def verified(file: InputFile, work: Path, what: str) -> Path:
    """Where `file` lies, its bytes being those that the control plane saw.

    Raises StageError `missing-input` or `data`, with the name that its owner knows.
    """
    path = work / file.path
    if not path.is_file():
        found = f" (looked for {path})" if file.path != file.name else ""
        message = f"{what} {file.name} is not there{found}. Put it there, or correct its path in the recipe."
        raise StageError("missing-input", message)
    if file.sha256 and (found := manifest.sha256(path)) != file.sha256:
        message = (
            f"{what} {file.name} is not the file that the run began with: its sha256 is {found}, not "
            f"{file.sha256}. Launch the run again to use what is there now."
        )
        raise StageError("data", message)
    return path


def content_digest(files: Sequence[tuple[str, Path]]) -> str:
    """`sha256:` of one file's bytes; of several that of the lines that `sha256sum` prints of them in the
    folder that they share, sorted by name. `files`: name and path of each.
    """
    digests = [(name, manifest.sha256(path)) for name, path in files]
    return digest_of(digests)


def digest_of(digests: Sequence[tuple[str, str]]) -> str:
    """The same of files whose names and digests are known."""
    if len(digests) == 1:
        return digests[0][1]
    folders = [str(PurePosixPath(name).parent) for name, _ in digests]
    shared = os.path.commonpath(folders) if len({name.startswith("/") for name, _ in digests}) == 1 else ""
    skipped = 0 if shared in ("", ".") else len(shared.rstrip("/")) + 1
    lines = sorted((name[skipped:], digest.removeprefix("sha256:")) for name, digest in digests)
    content = "".join(f"{digest}  {name}\n" for name, digest in lines)
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()
