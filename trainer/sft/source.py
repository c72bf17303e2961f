"""Records of a recipe's dataset, from wherever its `source` says."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from trainer import manifest
from trainer.failure import StageError
from trainer.generate import running_digit
from trainer.sft.template import Record
from trainer.spec import Dataset, Fields, InputFile

# Enough to see what is wrong with the rows, in a message that has 4,096 bytes.
SHOWN_ERRORS = 5
# A dataset's revision in a recipe whose author names no commit (orchestrator/recipe/dataset.ts).
UNPINNED = "unpinned"


def load_records(dataset: Dataset, files: list[InputFile], work: Path) -> list[Record]:
    """All records in the source's order; `files` are those of a source of kind `file`.

    Raises StageError `data`, `missing-input` or `configuration`.
    """
    source = dataset.source
    match source.get("kind"):
        case "generated":
            where = f"generator {source['generator']}"
            rows: Iterable[tuple[int, Any]] = enumerate(running_digit.records(source), start=1)
        case "file":
            [file] = files
            path = _file(file, work)
            where, rows = file.name, _json_lines(path, file.name)
        case "huggingface":
            path = _snapshot_file(source, work)
            where, rows = str(path), _json_lines(path, str(path))
        case kind:
            raise StageError(
                "configuration", f"dataset.source.kind is {kind!r}, which this trainer does not know."
            )
    return _checked(rows, dataset.fields, where)


def _checked(rows: Iterable[tuple[int, Any]], fields: Fields, where: str) -> list[Record]:
    records: list[Record] = []
    errors: list[str] = []
    num_errors = 0
    for line, row in rows:
        try:
            records.append(_record(row, fields, line))
        except ValueError as error:
            num_errors += 1
            if len(errors) < SHOWN_ERRORS:
                errors.append(f"line {line}: {error}")
    if num_errors:
        more = f"; and {num_errors - len(errors)} more" if num_errors > len(errors) else ""
        todo = "Correct or remove these rows, or name other fields in dataset.fields."
        raise StageError(
            "data", f"{where}: {num_errors} rows cannot be used: {'; '.join(errors)}{more}. {todo}"
        )
    if not records:
        raise StageError("data", f"{where} holds no records; training needs at least one.")
    return records


def _record(row: Any, fields: Fields, line: int) -> Record:
    if not isinstance(row, dict):
        raise ValueError(f"a record is an object, this is {type(row).__name__}")
    trace = row.get(fields.trace)
    # s1K keeps a trace as a list of texts and joins them.
    if isinstance(trace, list) and all(isinstance(part, str) for part in trace):
        row = {**row, fields.trace: "\n".join(trace)}
    return Record(
        id=str(row.get("id", line)),
        question=_text(row, fields.question),
        trace=_text(row, fields.trace),
        answer=_text(row, fields.answer),
    )


def _text(row: Mapping[str, Any], field: str) -> str:
    if field not in row:
        raise ValueError(f'field "{field}" is missing (there are: {", ".join(sorted(row)) or "none"})')
    value = row[field]
    if not isinstance(value, str):
        raise ValueError(f'field "{field}" is {type(value).__name__}, expected text')
    if not value.strip():
        raise ValueError(f'field "{field}" is empty')
    return value


def _json_lines(path: Path, name: str) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for line, content in enumerate(file, start=1):
            if not content.strip():
                continue
            try:
                yield line, json.loads(content)
            except ValueError as error:
                message = f"{name}: line {line} is not JSON ({error}). Each line must hold one JSON object."
                raise StageError("data", message) from error


def _file(file: InputFile, work: Path) -> Path:
    path = work / file.path
    if not path.is_file():
        message = f"The dataset file {file.name} is not at {path}. Launch the run again where the file is."
        raise StageError("missing-input", message)
    if file.sha256 and (found := manifest.sha256(path)) != file.sha256:
        message = (
            f"{file.name} is not the file that the run began with: its sha256 is {found}, not {file.sha256}."
        )
        raise StageError("data", message)
    return path


def snapshot_folder(kind: str, repository: str, revision: str, work: Path) -> Path:
    """Where a hub client has put a repository's files, in a folder named by their commit; the trainer itself
    fetches nothing.

    `revision` is a commit, or a name for which the client has written down the commit that it fetched (in
    `refs`); `unpinned` is `main`. Raises StageError `missing-input`.
    """
    name = f"{kind}--{repository.replace('/', '--')}"
    ref = "main" if revision == UNPINNED else revision
    homes = [work / "cache"]
    if "HF_HOME" in os.environ:
        homes.append(Path(os.environ["HF_HOME"]) / "hub")
    folders = []
    for home in homes:
        noted = home / name / "refs" / ref
        commit = noted.read_text(encoding="utf-8").strip() if noted.is_file() else ref
        folder = home / name / "snapshots" / commit
        if folder.is_dir():
            return folder
        folders.append(str(folder))
    message = (
        f"{repository} at revision {ref} is not here: looked in {' and '.join(folders)}. Fetch that revision "
        "with a hub client into one of them, or set HF_HOME to where it is."
    )
    raise StageError("missing-input", message)


def unpinned_commit(dataset: Dataset, work: Path) -> str | None:
    """The commit that is read where the recipe names none; None where it does, or needs none."""
    source = dataset.source
    if source["kind"] != "huggingface" or source["revision"] != UNPINNED:
        return None
    return snapshot_folder("datasets", source["repository"], UNPINNED, work).name


def _snapshot_file(source: Mapping[str, Any], work: Path) -> Path:
    folder = snapshot_folder("datasets", source["repository"], source["revision"], work)
    split = source["split"]
    files = sorted(path for path in folder.rglob(f"*{split}*") if path.suffix in (".jsonl", ".json"))
    if len(files) != 1:
        found = ", ".join(path.name for path in files) or "none"
        message = (
            f"{folder} must hold the split {split!r} as one JSON Lines file; found: {found}. Convert it, "
            f"and put {split}.jsonl there."
        )
        raise StageError("missing-input", message)
    return files[0]
