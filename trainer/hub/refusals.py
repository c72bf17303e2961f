"""What a hub's refusals and silences mean to the person whose recipe asked for the file."""

import os

from trainer.failure import StageError
from trainer.hub.cache import Kind, ref_of

REMEDY = (
    "Set HF_TOKEN to a token that may; on Kubernetes from a secret (backend.secrets of the cluster's profile)"
)
# What a hub says of a token that it does not know (huggingface_hub, utils/_http.py).
UNKNOWN_TOKEN = "Invalid credentials in Authorization header"


def endpoint() -> str | None:
    """The hub's address where it is not the client's own: a mirror's."""
    return os.environ.get("HF_ENDPOINT") or None


def token() -> str | None:
    """The token in HF_TOKEN, or of who has logged in on this machine."""
    from huggingface_hub import get_token

    return get_token()


def place() -> str:
    return f"The hub {endpoint() or 'huggingface.co'}"


def refused(kind: Kind, repository: str, revision: str, error: Exception) -> StageError:
    """An answer of the hub with another status than was hoped for, as the end of a stage."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    said = getattr(response, "headers", {}).get("X-Error-Message")
    what, ref = f"{place()} has no {kind.removesuffix('s')}", ref_of(revision)
    whose = "the token in HF_TOKEN" if token() else "without a token one"
    if said == UNKNOWN_TOKEN:
        message = f"{place()} does not know the token in HF_TOKEN. {REMEDY}."
    elif isinstance(error, GatedRepoError):
        message = f"{repository} is gated, and {whose} may not read it. Ask for access on its page. {REMEDY}."
    elif isinstance(error, RepositoryNotFoundError) or status in (401, 403):
        message = (
            f"{what} {repository}, or it is private and {whose} may not read it. Correct its name. {REMEDY}."
        )
    elif isinstance(error, RevisionNotFoundError):
        message = f"{what} {repository} at revision {ref}. Take a commit from the page of its history."
    elif status == 404:
        message = f"{repository} at {ref} lacks a file that it lists: {error}. Take another revision."
    else:
        message = f"{place()} is out of order for {repository} ({error}). It is tried again."
        return StageError("infrastructure", _one_line(message))
    return StageError("missing-input", _one_line(message))


def broke_off(name: str, repository: str, error: BaseException) -> StageError:
    """A file that did not come whole."""
    message = f"{place()} broke off while {name} of {repository} was fetched ({error}). It is tried again."
    return StageError("infrastructure", _one_line(message))


def unreachable(error: BaseException, missing: str) -> StageError:
    """No hub, and nothing of the repository here; `missing` says where it was looked for."""
    message = f"{place()} cannot be reached ({error}), which is tried again. {missing}"
    return StageError("infrastructure", _one_line(message))


def no_hub(what: object) -> StageError:
    message = f"{place()} does not answer as a hub does ({what}). Correct HF_ENDPOINT."
    return StageError("configuration", _one_line(message))


def _one_line(message: str) -> str:
    return " ".join(message.split())
