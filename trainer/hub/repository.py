"""What a hub's repository holds at a revision, and its files, fetched where they are not here yet.

Fetching is `huggingface_hub`'s: from `HF_ENDPOINT` (a mirror), with the token in `HF_TOKEN`, not at all with
`HF_HUB_OFFLINE=1`. Files are kept in its cache, in a folder named by their commit: that of the machine where
`HF_HUB_CACHE` or `HF_HOME` names one, else `cache/` in the run's folder, which all stages see. What the
client has put into its usual place before is found, too.
"""

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.failure import StageError
from trainer.hub.cache import (
    Kind,
    damaged,
    fetched_into,
    folder_name,
    note_commit,
    ref_of,
    snapshot_folder,
    snapshot_folders,
)
from trainer.hub.refusals import broke_off, endpoint, no_hub, place, refused, token, unreachable

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

    api = HfApi(endpoint=endpoint(), token=token() or False)
    try:
        info = api.repo_info(
            repository, revision=ref_of(revision), repo_type=kind.removesuffix("s"), timeout=TIMEOUT_SECONDS
        )
    except HFValidationError as error:
        raise StageError("configuration", f"{repository} is no name of a repository: {error}") from error
    except (httpx2.HTTPError, OSError) as error:
        refusal = refused(kind, repository, revision, error) if isinstance(error, HfHubHTTPError) else None
        if refusal is not None and refusal.exit_class != "infrastructure":
            raise refusal from error
        try:
            found = _local(kind, repository, revision, work)
        except StageError as missing:
            raise (refusal or unreachable(error, missing.message)) from error
        why = " ".join(str(error).split())
        note(f"{place()} cannot be asked ({why}); {repository} is read from {found.folder}.")
        return found
    except ValueError as error:
        raise no_hub(error) from error
    assert isinstance(info, (DatasetInfo, ModelInfo))
    if info.sha is None:
        raise no_hub("it names no commit")
    files = sorted(sibling.rfilename for sibling in info.siblings or [])
    here = next((each for each in snapshot_folders(kind, repository, info.sha, work) if each.is_dir()), None)
    return Snapshot(kind, repository, ref_of(revision), info.sha, files, here)


def fetch(snapshot: Snapshot, names: Sequence[str], work: Path, progress: Callable[[int, int], None]) -> Path:
    """The folder of the snapshot with these of its files, each whole. `progress` is told how many are there.

    Raises StageError as `look_up`, `data` where a file that lies here is damaged, and `storage` where no file
    can be written.
    """
    folder = snapshot.folder
    if folder is not None and all((folder / name).is_file() for name in names):
        for name in names:
            _require_whole(folder / name)
        return folder
    if _is_offline():
        raise _not_here(snapshot, names)
    home = fetched_into(work)
    folder = home / folder_name(snapshot.kind, snapshot.repository) / "snapshots" / snapshot.commit
    try:
        home.mkdir(parents=True, exist_ok=True)
        for done, name in enumerate(names):
            progress(done, len(names))
            _fetch_file(snapshot, name, folder, home)
        note_commit(folder, snapshot.ref)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        message = (
            f"{home} cannot be written ({error}), where {snapshot.repository} would be kept. Let the stage's "
            "user write there, or set HF_HUB_CACHE to another folder."
        )
        raise StageError("storage", message) from error
    progress(len(names), len(names))
    return folder


def _fetch_file(snapshot: Snapshot, name: str, folder: Path, home: Path) -> None:
    import httpx2
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, XetDownloadError
    from huggingface_hub.utils import disable_progress_bars

    # They are for a terminal; a pod's log would keep each of their states.
    disable_progress_bars()
    if (folder / name).is_file():
        _require_whole(folder / name)
        return
    kind, repository, commit = snapshot.kind, snapshot.repository, snapshot.commit
    try:
        hf_hub_download(
            repository,
            name,
            repo_type=kind.removesuffix("s"),
            revision=commit,
            cache_dir=home,
            endpoint=endpoint(),
            token=token() or False,
        )
    except HfHubHTTPError as error:
        raise refused(kind, repository, commit, error) from error
    except LocalEntryNotFoundError as error:
        # The client has asked the hub, in vain, and looked into its cache then: why in vain is what counts.
        if isinstance(error.__cause__, HfHubHTTPError):
            raise refused(kind, repository, commit, error.__cause__) from error
        raise broke_off(name, repository, error.__cause__ or error) from error
    except (httpx2.HTTPError, XetDownloadError) as error:
        raise broke_off(name, repository, error) from error
    except OSError as error:
        # Without a number it is the client's own: a file of another size than the hub has said.
        if error.errno is not None:
            raise
        raise broke_off(name, repository, error) from error
    if (trouble := damaged(folder / name)) is not None:
        (folder / name).resolve().unlink()
        (folder / name).unlink(missing_ok=True)
        raise broke_off(name, repository, ValueError(trouble))


def _require_whole(path: Path) -> None:
    if (trouble := damaged(path)) is not None:
        message = f"{path} is damaged: {trouble}. Delete {path.resolve()}, so that it is fetched again."
        raise StageError("data", message)


def _local(kind: Kind, repository: str, revision: str, work: Path) -> Snapshot:
    folder = snapshot_folder(kind, repository, revision, work)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return Snapshot(kind, repository, ref_of(revision), folder.name, files, folder)


def _is_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in TRUE


def _not_here(snapshot: Snapshot, names: Sequence[str]) -> StageError:
    folder = snapshot.folder
    missing = [name for name in names if folder is None or not (folder / name).is_file()]
    message = (
        f"{len(missing)} files of {snapshot.repository} at {snapshot.commit} are not here, such as "
        f"{missing[0]}. Fetch the whole revision with a hub client, or let this stage reach the hub."
    )
    return StageError("missing-input", message)
