"""The files in which a recipe's source keeps its rows, and the rows of all of them."""

import glob
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.failure import StageError
from trainer.generate import running_digit
from trainer.hub.repository import fetch, look_up
from trainer.inputs import InputFile, content_digest, verified
from trainer.rows.read import BrokenRow, Row, format_of, read_rows
from trainer.rows.splits import SplitError, split_files


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a source is looked for, and who is told of it."""

    work: Path
    """The run's folder."""
    note: Callable[[str], None]
    """Told, in a sentence, what an operator should know."""
    progress: Callable[[int, int], None]
    """Told how many files of how many have been fetched."""
    online: bool = True
    """Whether a hub may be asked. A stage that holds devices finds what prepare has fetched."""


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A source whose files are here."""

    name: str
    """As its owner knows it, for errors about all of it."""
    files: list[tuple[str, Path]]
    """Name and path, in the order in which they are read; none of what is generated."""
    generated: Mapping[str, Any] | None = None
    commit: str | None = None
    """Of a hub's repository."""

    @property
    def digest(self) -> str | None:
        """Of the files' content; None of what is generated."""
        return content_digest(self.files) if self.files else None

    def rows(self) -> Iterator[Row | BrokenRow]:
        """All rows in order. Raises StageError as trainer.rows.read."""
        if self.generated is not None:
            for number, value in enumerate(running_digit.records(self.generated), start=1):
                yield Row(self.name, number, value)
        for name, path in self.files:
            yield from read_rows(name, path)


def find_source(
    source: Mapping[str, Any], files: Sequence[InputFile], what: str, around: Surroundings
) -> FoundSource:
    """A source of a recipe with its files: those that the run was given, or fetched from a hub.

    `what`: what it is, for errors. Raises StageError `data`, `missing-input`, `infrastructure` or
    `configuration`.
    """
    match source.get("kind"):
        case "generated":
            return FoundSource(f"generator {source['generator']}", [], generated=source)
        case "file":
            given = files or _on_the_volume(source, what)
            found = [(file.name, verified(file, around.work, what)) for file in given]
            return FoundSource(found[0][0] if len(found) == 1 else what, found)
        case "huggingface":
            return _from_hub(source, around)
        case kind:
            message = f"{what} is of the kind {kind!r}, which this trainer does not know. Name another."
            raise StageError("configuration", message)


def _on_the_volume(source: Mapping[str, Any], what: str) -> list[InputFile]:
    """Files that only the stages' machines see: what absolute paths, patterns and folders stand for."""
    paths = source["path"] if isinstance(source["path"], list) else [source["path"]]
    files = []
    for path in map(Path, paths):
        if not path.is_absolute():
            message = f"{what} names {path}, and the run was not given it. Launch the run again where it is."
            raise StageError("missing-input", message)
        if path.is_dir():
            found = sorted(each for each in path.iterdir() if each.is_file() and format_of(each.name))
        elif glob.has_magic(str(path)):
            found = sorted(Path("/").glob(str(path.relative_to("/"))))
        else:
            found = [path]
        if not found:
            message = f"{what} names {path}, where there is no file to read. Correct it, or put it there."
            raise StageError("missing-input", message)
        files += [InputFile(str(each), str(each), None) for each in found]
    return files


def _from_hub(source: Mapping[str, Any], around: Surroundings) -> FoundSource:
    repository, revision = str(source["repository"]), str(source["revision"])
    split, config = str(source.get("split", "train")), source.get("config")
    snapshot = look_up("datasets", repository, revision, around.work, note=around.note, online=around.online)
    readme = None
    if "README.md" in snapshot.files:
        folder = fetch(snapshot, ["README.md"], around.work, lambda _done, _all: None)
        readme = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    try:
        names = split_files(snapshot.files, readme, config, split)
    except SplitError as error:
        message = (
            f"{repository} at {snapshot.commit} {error}. Correct split, config or revision of the source."
        )
        raise StageError("missing-input", message) from error
    folder = fetch(snapshot, names, around.work, around.progress)
    found = [(f"{repository}/{name}", folder / name) for name in names]
    return FoundSource(f"{repository}, split {split}", found, commit=snapshot.commit)
