"""Manifests of finished folders (orchestrator/wire/stage-manifest.ts): what a later stage may trust.

A folder is filled under a temporary name, its manifest is written last, and then it gets its name: whoever
finds `manifest.json` finds every file that it lists.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NAME = "manifest.json"


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def entry(path: Path, folder: Path) -> dict[str, Any]:
    """A file's line in the manifest; the file is on disk, not only in the page cache, when this returns."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = os.fstat(file.fileno()).st_size
    return {"path": path.relative_to(folder).as_posix(), "bytes": size, "sha256": f"sha256:{digest}"}


def entries(folder: Path) -> list[dict[str, Any]]:
    """Lines of all files under `folder`, by path."""
    return [entry(path, folder) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != NAME]


def publish(
    partial: Path, final: Path, *, stage: str, spec: str, files: Iterable[dict[str, Any]] | None = None
) -> str:
    """Writes the manifest of `partial` and gives the folder its final name, in place of what bore it before.

    Returns the manifest's digest. `files`: entries that are known already; else every file is hashed here.
    """
    listed = entries(partial) if files is None else sorted(files, key=lambda file: str(file["path"]))
    content = json.dumps({"stage": stage, "spec": spec, "files": listed}, indent=1) + "\n"
    path = partial / NAME
    with path.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(partial)
    # A folder cannot be renamed onto a full one. Between the two lines the name is missing, never wrong.
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    _sync_folder(final.parent)
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def read(folder: Path) -> dict[str, Any] | None:
    """The folder's manifest, or None when there is none or it cannot be read."""
    try:
        manifest = json.loads((folder / NAME).read_bytes())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and isinstance(manifest.get("files"), list) else None


def is_done(folder: Path, *, stage: str, spec: str) -> bool:
    """Whether this very stage has finished here for this specification, as far as names and sizes tell."""
    manifest = read(folder)
    if manifest is None or manifest.get("stage") != stage or manifest.get("spec") != spec:
        return False
    return all(_size(folder / file["path"]) == file["bytes"] for file in manifest["files"])


def damage(folder: Path, files: Iterable[dict[str, Any]]) -> str | None:
    """What is wrong with the files that the manifest lists, byte for byte; None when nothing is."""
    for file in files:
        path = folder / file["path"]
        size = _size(path)
        if size is None:
            return f"{path} is missing"
        if size != file["bytes"]:
            return f"{path} has {size} bytes, its manifest says {file['bytes']}"
        if sha256(path) != file["sha256"]:
            return f"{path} has changed: its sha256 is not the manifest's"
    return None


def fresh(folder: Path) -> Path:
    """An empty folder to fill before `publish` names it `folder`; leftovers of a broken attempt go."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
