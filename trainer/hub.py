"""Repositories of a model hub: what is in one at a revision, and its files on this machine's disk.

Fetching is `huggingface_hub`'s: from `HF_ENDPOINT` (a mirror), with the token in `HF_TOKEN`, not at all with
`HF_HUB_OFFLINE=1`. Files are kept in its cache, in a folder named by their commit: that of the machine where
`HF_HUB_CACHE` or `HF_HOME` names one, else `cache/` in the run's folder, which all stages see. What the
client has put into its usual place before is found, too.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trainer.failure import StageError

Kind = Literal["datasets", "models"]
# A dataset's revision in a recipe whose author names no commit (orchestrator/recipe/dataset.ts).
UNPINNED = "unpinned"
TIMEOUT_SECONDS = 20
TRUE = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository at a commit."""

    kind: Kind
    repository: str
    ref: str
    """What was asked for: a commit, or a name that leads to one."""
    commit: str
    files: list[str]
    """Paths in the repository; where the hub was not asked, those that are here."""
    folder: Path | None
    """Where its files are kept already; None: nowhere."""


def snapshot_folder(kind: Kind, repository: str, revision: str, work: Path) -> Path:
    """Where a repository's files are on this machine, in a folder named by their commit.

    `revision` is a commit, or a name for which the client has written down the commit that it fetched (in
    `refs`); `unpinned` is `main`. Raises StageError `missing-input`.
    """
    folders = _folders(kind, repository, revision, work)
    for folder in folders:
        if folder.is_dir():
            return folder
    ref = _ref(revision)
    message = (
        f"{repository} at revision {ref} is not here: looked in {' and '.join(map(str, folders))}. Fetch "
        "that revision with a hub client into one of them, or set HF_HOME to where it is."
    )
    raise StageError("missing-input", message)


def look_up(
    kind: Kind,
    repository: str,
    revision: str,
    work: Path,
    *,
    note: Callable[[str], None],
    online: bool = True,
) -> Snapshot:
    """What a repository holds at a revision. Where the hub cannot be reached, or is not to be asked
    (`online`), what is here of it counts.

    `note` is told so. Raises StageError: `missing-input` where it does not exist, may not be read or is not
    here; `infrastructure` where the hub is out of order.
    """
    if not online or _is_offline():
        return _local(kind, repository, revision, work)
    # Loaded where it is needed: most runs need no hub.
    import httpx2
    from huggingface_hub import DatasetInfo, HfApi, ModelInfo
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    api = HfApi(endpoint=_endpoint(), token=_token())
    try:
        info = api.repo_info(
            repository, revision=_ref(revision), repo_type=kind.removesuffix("s"), timeout=TIMEOUT_SECONDS
        )
    except HfHubHTTPError as error:
        raise _refused(kind, repository, revision, error) from error
    except HFValidationError as error:
        raise StageError("configuration", f"{repository} is no name of a repository: {error}") from error
    except (httpx2.HTTPError, OSError) as error:
        try:
            found = _local(kind, repository, revision, work)
        except StageError as missing:
            message = f"{_place()} cannot be reached ({error}). {missing.message}"
            raise StageError("missing-input", message) from error
        note(f"{_place()} cannot be reached ({error}); {repository} is read from {found.folder}.")
        return found
    assert isinstance(info, (DatasetInfo, ModelInfo)) and info.sha is not None
    files = sorted(sibling.rfilename for sibling in info.siblings or [])
    here = next((folder for folder in _folders(kind, repository, info.sha, work) if folder.is_dir()), None)
    return Snapshot(kind, repository, _ref(revision), info.sha, files, here)


def fetch(snapshot: Snapshot, names: Sequence[str], work: Path, progress: Callable[[int, int], None]) -> Path:
    """The folder of the snapshot with these of its files. `progress` is told how many of how many are there.

    Raises StageError as `look_up`, and `storage` where the disk is full.
    """
    if snapshot.folder is not None and all((snapshot.folder / name).is_file() for name in names):
        return snapshot.folder
    if _is_offline():
        raise _not_here(snapshot, names)
    import httpx2
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    home = _machine_cache() or work / "cache"
    home.mkdir(parents=True, exist_ok=True)
    folder = home / _folder_name(snapshot.kind, snapshot.repository) / "snapshots" / snapshot.commit
    for done, name in enumerate(names):
        progress(done, len(names))
        try:
            hf_hub_download(
                snapshot.repository,
                name,
                repo_type=snapshot.kind.removesuffix("s"),
                revision=snapshot.commit,
                cache_dir=home,
                endpoint=_endpoint(),
                token=_token(),
            )
        except HfHubHTTPError as error:
            raise _refused(snapshot.kind, snapshot.repository, snapshot.commit, error) from error
        except LocalEntryNotFoundError as error:
            raise _not_here(snapshot, [name]) from error
        except httpx2.HTTPError as error:
            message = f"{_place()} broke off while {name} of {snapshot.repository} was fetched: {error}."
            raise StageError("infrastructure", message) from error
    progress(len(names), len(names))
    if snapshot.ref != snapshot.commit:
        # As the client does, so that later stages find the same commit without the hub.
        noted = folder.parent.parent / "refs" / snapshot.ref
        noted.parent.mkdir(parents=True, exist_ok=True)
        noted.write_text(snapshot.commit, encoding="utf-8")
    return folder


def _local(kind: Kind, repository: str, revision: str, work: Path) -> Snapshot:
    folder = snapshot_folder(kind, repository, revision, work)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return Snapshot(kind, repository, _ref(revision), folder.name, files, folder)


def _folders(kind: Kind, repository: str, revision: str, work: Path) -> list[Path]:
    """Where a revision's files may lie: the run's own cache comes before that of the machine."""
    name, ref = _folder_name(kind, repository), _ref(revision)
    folders = []
    for home in (work / "cache", _machine_cache() or _usual_cache()):
        if home is None:
            continue
        noted = home / name / "refs" / ref
        commit = noted.read_text(encoding="utf-8").strip() if noted.is_file() else ref
        folders.append(home / name / "snapshots" / commit)
    return folders


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


def _folder_name(kind: Kind, repository: str) -> str:
    return f"{kind}--{repository.replace('/', '--')}"


def _ref(revision: str) -> str:
    return "main" if revision == UNPINNED else revision


def _is_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in TRUE


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


def _token() -> str | bool:
    return os.environ.get("HF_TOKEN") or False


def _place() -> str:
    return f"The hub {_endpoint() or 'huggingface.co'}"


def _not_here(snapshot: Snapshot, names: Sequence[str]) -> StageError:
    folder = snapshot.folder
    missing = [name for name in names if folder is None or not (folder / name).is_file()]
    message = (
        f"{len(missing)} files of {snapshot.repository} at {snapshot.commit} are not here, such as "
        f"{missing[0]}. Fetch the whole revision with a hub client, or let this stage reach the hub."
    )
    return StageError("missing-input", message)


def _refused(kind: Kind, repository: str, revision: str, error: Exception) -> StageError:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    status = getattr(getattr(error, "response", None), "status_code", None)
    what, ref = f"{_place()} has no {kind.removesuffix('s')}", _ref(revision)
    token = "the token in HF_TOKEN" if _token() else "without a token"
    remedy = "Give the stages HF_TOKEN from a secret (backend.secrets of the cluster's profile)"
    if isinstance(error, GatedRepoError):
        message = f"{repository} is gated, and {token} may not read it. Ask for access on its page. {remedy}."
    elif isinstance(error, RepositoryNotFoundError) or status in (401, 403):
        message = (
            f"{what} {repository}, or it is private and {token} may not read it. Correct its name. {remedy}."
        )
    elif isinstance(error, RevisionNotFoundError):
        message = f"{what} {repository} at revision {ref}. Take a commit from the page of its history."
    elif status == 404:
        message = f"{repository} at {ref} lacks a file that it lists: {error}. Take another revision."
    else:
        message = f"{_place()} is out of order for {repository} ({error}). It is tried again."
        return StageError("infrastructure", " ".join(message.split()))
    return StageError("missing-input", message)
