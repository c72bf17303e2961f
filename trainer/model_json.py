"""A JSON file of a model's folder, which people edit, and of which downloads leave halves and pointers."""

import json
from pathlib import Path
from typing import Any

from trainer.failure import StageError
from trainer.rows.json_words import in_words
from trainer.sft.safetensors_header import LFS_POINTER

FETCH = "Fetch the model again."


def read_object(path: Path, *, shown: str | None = None) -> dict[str, Any]:
    """The object that it holds, empty where there is no such file. Errors speak of it as `shown`.

    Raises StageError: `missing-input` where it cannot be read, `data` for what is no JSON object.
    """
    name = shown or str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror}. Check its rights and its disk."
        raise StageError("missing-input", message, where=name) from error
    found, trouble = _parsed(content)
    if trouble is not None:
        raise StageError("data", f"{name} {trouble}", where=name)
    return found


def _parsed(content: bytes) -> tuple[dict[str, Any], str | None]:
    """The object; or what is wrong, and what to do about it."""
    if content.startswith(LFS_POINTER):
        return {}, "is a Git LFS pointer, not the file itself. Run `git lfs pull` in its folder."
    if not content.strip():
        return {}, f"is empty. {FETCH}"
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return {}, f"is not UTF-8 (byte {error.start + 1}). {FETCH}"
    except RecursionError:
        return {}, f"is nested too deeply to be read. {FETCH}"
    except json.JSONDecodeError as error:
        return {}, f"is not JSON ({in_words(error)}, at line {error.lineno}, column {error.colno}). {FETCH}"
    except ValueError as error:
        return {}, f"is not JSON ({in_words(error)}). {FETCH}"
    if not isinstance(found, dict):
        return {}, f"is no JSON object. {FETCH}"
    return found, None
