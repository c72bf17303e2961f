"""Where files of a hub's repositories lie on this machine, laid out as `huggingface_hub` does.

models--OWNER--NAME/refs/REVISION          the commit that a name stood for when it was fetched
models--OWNER--NAME/snapshots/COMMIT/PATH  the files of a commit, each a link to its blob
models--OWNER--NAME/blobs/ETAG             their content, named by its digest
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Literal

from trainer import manifest
from trainer.failure import StageError

Kind = Literal["datasets", "models"]
# A dataset's revision in a recipe whose author names no commit (orchestrator/recipe/dataset.ts).
UNPINNED = "unpinned"
# Git's own name of a small file, and the sha256 of a large one.
GIT_BLOB, SHA256 = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")


def snapshot_folder(kind: Kind, repository: str, revision: str, work: Path) -> Path:
    """Where a repository's files are on this machine, in a folder named by their commit.

    `revision` is a commit, or a name for which the client has written down the commit that it fetched (in
    `refs`); `unpinned` is `main`. Raises StageError `missing-input`.
    """
    folders = snapshot_folders(kind, repository, revision, work)
    for folder in folders:
        if folder.is_dir():
            return folder
    message = (
        f"{repository} at revision {ref_of(revision)} is not here: looked in "
        f"{' and '.join(map(str, folders))}. Fetch that revision with a hub client into one of them, or set "
        "HF_HOME to where it is."
    )
    raise StageError("missing-input", message)


def snapshot_folders(kind: Kind, repository: str, revision: str, work: Path) -> list[Path]:
    """Where a revision's files may lie: the run's own cache comes before that of the machine."""
    name, ref = folder_name(kind, repository), ref_of(revision)
    folders = []
    for home in (work / "cache", _machine_cache() or _usual_cache()):
        if home is None:
            continue
        noted = home / name / "refs" / ref
        commit = noted.read_text(encoding="utf-8").strip() if noted.is_file() else ref
        folders.append(home / name / "snapshots" / commit)
    return folders


def fetched_into(work: Path) -> Path:
    """Where what is fetched now is kept."""
    return _machine_cache() or work / "cache"


def folder_name(kind: Kind, repository: str) -> str:
    return f"{kind}--{repository.replace('/', '--')}"


def ref_of(revision: str) -> str:
    return "main" if revision == UNPINNED else revision


def note_commit(snapshot: Path, ref: str) -> None:
    """As the client does, so that later stages find the same commit without the hub."""
    if ref == snapshot.name:
        return
    noted = snapshot.parent.parent / "refs" / ref
    noted.parent.mkdir(parents=True, exist_ok=True)
    partial = noted.with_name(f"{noted.name}.{os.getpid()}.partial")
    partial.write_text(snapshot.name, encoding="utf-8")
    partial.rename(noted)


def damaged(path: Path) -> str | None:
    """What is wrong with a file's content, where its blob's name tells its digest; None: nothing that shows.

    The client compares sizes alone, and not those of what lies in its cache already.
    """
    expected = path.resolve().name
    if SHA256.fullmatch(expected):
        found = manifest.sha256(path).removeprefix("sha256:")
        return None if found == expected else f"its sha256 is {found}, not {expected}"
    if GIT_BLOB.fullmatch(expected):
        content = path.read_bytes()
        found = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        return None if found == expected else f"Git would name it {found}, not {expected}"
    return None


def _machine_cache() -> Path | None:
    if (cache := os.environ.get("HF_HUB_CACHE")) is not None:
        return Path(cache)
    home = os.environ.get("HF_HOME")
    return Path(home) / "hub" if home is not None else None


def _usual_cache() -> Path | None:
    """Where the client keeps what somebody has fetched by hand on this machine."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME", "/nonexistent") + "/.cache"
    cache = Path(home) / "huggingface" / "hub"
    return cache if cache.is_dir() else None
