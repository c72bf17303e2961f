"""A model's tokenizer, of which only what turns text into tokens is used, and its control tokens.

`tokenizer.json` also keeps settings of whoever saved it last: transformers writes the truncation and the
padding of its last call into it. Those would cut samples, or make pads into labels, without a word. So
what is needed is taken out of the file by name, and the rest is left.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from trainer.failure import StageError
from trainer.model_json import read_object

NAME = "tokenizer.json"
# What a pretrained model's folder may hold of its tokenizer; the first is what tokenises.
TOKENIZER_FILES = (
    NAME,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.json",
    "merges.txt",
    "added_tokens.json",
    "chat_template.jinja",
)
# All that decides which tokens a text becomes, and what text they are.
USED = ("version", "added_tokens", "normalizer", "pre_tokenizer", "decoder", "model")
UNUSED = ("truncation", "padding", "post_processor")
START, END = "<|im_start|>", "<|im_end|>"


def load_tokenizer(folder: Path, *, name: str | None = None) -> Tokenizer:
    """The tokenizer of a model's folder. Errors speak of it as `name`.

    Raises StageError: `missing-input` without a tokenizer.json, `data` for one that cannot be read or lacks
    the tokens that bound turns in ChatML.
    """
    path = folder / NAME
    shown = f"{name or folder}/{NAME}"
    if not path.exists():
        message = f"{shown} is not there; the model's tokenizer is needed. Save it with the model."
        raise StageError("missing-input", message, where=shown)
    content = read_object(path, shown=shown)
    try:
        kept: dict[str, Any] = {**dict.fromkeys(UNUSED), **{key: content.get(key) for key in USED}}
        if "dropout" in kept["model"]:
            # With it a text would become other tokens each time.
            kept["model"] = {**kept["model"], "dropout": None}
        tokenizer: Tokenizer = Tokenizer.from_str(json.dumps(kept))
    # `tokenizers` raises bare Exceptions, in the words of its parser.
    except Exception as error:
        message = f"{shown} is JSON, and no tokenizer that can be read here. Fetch the model again."
        raise StageError("data", message, where=shown) from error
    missing = [
        token
        for token in (START, END)
        if tokenizer.token_to_id(token) is None
        or tokenizer.encode(token, add_special_tokens=False).ids != [tokenizer.token_to_id(token)]
    ]
    if missing:
        message = (
            f"{shown} lacks {' and '.join(missing)} as tokens of their own, which bound the turns, the "
            "thinking and the answer. Use a model with ChatML's tokens, such as Qwen2.5, Qwen3 or SmolLM2, "
            "or add them to its tokenizer and embedding."
        )
        raise StageError("data", message, where=shown)
    return tokenizer


def control_tokens(tokenizer: Tokenizer) -> dict[int, str]:
    """Tokens that stand for structure, never for text, by id: all that were added to the vocabulary.

    Added runs of blanks, as some tokenizers have them for source code, are no more than blanks.
    """
    added = tokenizer.get_added_tokens_decoder()
    return {number: token.content for number, token in added.items() if token.content.strip()}


@lru_cache(maxsize=1)
def plain_tokenizer(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer, to which no control token is more than its characters. Made once: it is slow."""
    controls = control_tokens(tokenizer)
    content: dict[str, Any] = json.loads(tokenizer.to_str())
    blanks = [token for token in content["added_tokens"] if token["id"] not in controls]
    plain: Tokenizer = Tokenizer.from_str(json.dumps({**content, "added_tokens": blanks}))
    return plain
