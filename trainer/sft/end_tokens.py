"""The tokens at which a model's text ends, from the files of its folder; loads no torch."""

from pathlib import Path
from typing import Any

from trainer.failure import StageError
from trainer.model_json import FETCH, read_object

# What this trainer's samples end with.
TURN_END = "<|im_end|>"


def end_tokens(folder: Path) -> frozenset[int]:
    """Ids that end a text of the model in `folder`, `<|im_end|>` among them.

    All that config.json, generation_config.json and tokenizer_config.json name: a base model's own end,
    `<|endoftext|>`, is no text to one who decodes. Raises StageError `data` for a file that is no JSON
    object.
    """
    ids = token_ids(folder)
    named: set[int] = {ids[TURN_END]} if TURN_END in ids else set()
    for name in ("config.json", "generation_config.json"):
        named.update(as_ids(read_object(folder / name).get("eos_token_id")))
    text = token_text(read_object(folder / "tokenizer_config.json").get("eos_token"))
    if text in ids:
        named.add(ids[text])
    return frozenset(named)


def as_ids(value: Any) -> list[int]:
    """`eos_token_id` is an id, several, or nothing."""
    ids = value if isinstance(value, list) else [value]
    return [one for one in ids if isinstance(one, int) and not isinstance(one, bool)]


def token_ids(folder: Path) -> dict[str, int]:
    """Id of each added token of the folder's tokenizer."""
    path = folder / "tokenizer.json"
    added = read_object(path).get("added_tokens", [])
    try:
        return {token["content"]: token["id"] for token in added}
    except (TypeError, KeyError) as error:
        message = f"{path} has added_tokens that are not each a text and its id. {FETCH}"
        raise StageError("data", message, where=str(path)) from error


def token_text(value: Any) -> str | None:
    """A special token as tokenizer_config.json has it: its text, or an object with it."""
    return value.get("content") if isinstance(value, dict) else value
