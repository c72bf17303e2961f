"""A model folder's config.json as an architecture, and whether a recipe says the same.

A recipe carries its model's architecture, so that a run can be planned before any of the model's files is at
hand. Where the files differ, they are not the model that was planned, and the run ends before it holds a
device.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.failure import StageError
from trainer.family import FAMILIES, Family
from trainer.model_json import FETCH, read_object
from trainer.spec import Architecture

# Field of model.architecture, attribute, and key of config.json.
FIELDS = (
    ("modelType", "model_type", "model_type"),
    ("layers", "layers", "num_hidden_layers"),
    ("hiddenSize", "hidden_size", "hidden_size"),
    ("queryHeads", "query_heads", "num_attention_heads"),
    ("keyValueHeads", "key_value_heads", "num_key_value_heads"),
    ("headSize", "head_size", "head_dim"),
    ("feedForwardSize", "feed_forward_size", "intermediate_size"),
    ("vocabularySize", "vocabulary_size", "vocab_size"),
    ("tiedEmbeddings", "tied_embeddings", "tie_word_embeddings"),
    ("ropeTheta", "rope_theta", "rope_theta"),
    ("rmsNormEpsilon", "rms_norm_epsilon", "rms_norm_eps"),
    ("maxPositions", "max_positions", "max_position_embeddings"),
)
# What trainer.sft.model computes of every family; a config that is silent means the same to transformers.
COMPUTED = {"hidden_act": "silu", "attention_dropout": 0}
FULL = "full_attention"
NUMBERS = tuple(key for _, _, key in FIELDS if key != "model_type")
FRACTIONS = ("rope_theta", "rms_norm_eps")
# Beyond any model, as in orchestrator/recipe/model.ts.
MOST = 10_000_000


def read_architecture(folder: Path) -> Architecture:
    """The architecture of a Hugging Face model folder.

    Raises StageError `missing-input` (no config.json), `data` (not readable) or `configuration` (a model
    that this trainer does not compute).
    """
    path = folder / "config.json"
    if not path.exists():
        message = f"{path} is not there. The model's folder must hold its config.json."
        raise StageError("missing-input", message, where=str(path))
    config = read_object(path)
    family = _family(config, path)
    for key, expected in {**COMPUTED, **family.settings}.items():
        if config.get(key, expected) != expected:
            raise _unsupported(path, f"has {key} {config[key]!r:.60}, not {expected!r}")
    kinds = config.get("layer_types") or []
    others = sorted({f"{kind!s:.60}" for kind in (kinds if isinstance(kinds, list) else [kinds])} - {FULL})
    if others:
        raise _unsupported(path, f"has layer_types {', '.join(others)}, not {FULL} alone")
    values = {**config, **_rotation(config, path)}
    values.setdefault("tie_word_embeddings", False)
    missing = [key for _, _, key in FIELDS if key != "head_dim" and values.get(key) is None]
    missing += [key for key in family.said if key not in config]
    if missing:
        raise _unsupported(path, f"lacks {', '.join(missing)}")
    for key in NUMBERS:
        if values.get(key) is not None and (trouble := _trouble(key, values[key])) is not None:
            message = f"{path} has {key} {values[key]!r:.60}, {trouble}. {FETCH}"
            raise StageError("data", message, where=str(path))
    if values.get("head_dim") is None:
        values["head_dim"] = values["hidden_size"] // values["num_attention_heads"]
    _require_heads(values, path)
    return Architecture(**{attribute: values[key] for _, attribute, key in FIELDS})


def _trouble(key: str, value: object) -> str | None:
    """What a value should be that is not it; a truth value is a number to Python."""
    if key == "tie_word_embeddings":
        return None if isinstance(value, bool) else "not true or false"
    if key in FRACTIONS:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
        return None if fits else "not a number above 0"
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST
    return None if fits else f"not a whole number from 1 to {MOST:,}"


def _require_heads(values: Mapping[str, Any], path: Path) -> None:
    """What a folder may say and no attention computes would break only once devices are held."""
    heads, shared, size = (values[key] for key in ("num_attention_heads", "num_key_value_heads", "head_dim"))
    if heads % shared:
        trouble = f"num_attention_heads {heads}, which num_key_value_heads {shared} does not divide"
    elif size < 2 or size % 2:
        trouble = f"heads of {size} entries, which rotary positions cannot pair"
    else:
        return
    raise StageError("data", f"{path} has {trouble}. {FETCH}", where=str(path))


def require_same(planned: Architecture, found: Architecture, folder: Path) -> None:
    """Raises StageError `configuration` naming each field of the recipe that is not the folder's."""
    differences = []
    for name, attribute, key in FIELDS:
        ours, theirs = getattr(planned, attribute), getattr(found, attribute)
        # A recipe may leave the size of the vocabulary to the model.
        if ours != theirs and not (name == "vocabularySize" and ours is None):
            differences.append(f"model.architecture.{name} is {ours}, {key} there is {theirs}")
    if differences:
        message = (
            f"The recipe's model is not the one in {folder / 'config.json'}: {'; '.join(differences)}. "
            "Copy the figures from there into the recipe, or name the repository and revision that it means."
        )
        raise StageError("configuration", message)


def _family(config: dict[str, Any], path: Path) -> Family:
    if "model_type" not in config:
        raise _unsupported(path, "names no model_type")
    kind = config["model_type"]
    family = next((each for name, each in FAMILIES.items() if name == kind), None)
    if family is None:
        raise _unsupported(path, f"has model_type {kind!r:.60}, not {' or '.join(FAMILIES)}")
    return family


def _rotation(config: dict[str, Any], path: Path) -> dict[str, Any]:
    """The rotary base, in transformers 5 a part of `rope_parameters`.

    transformers 4 had it beside the other fields, and what scales it (YaRN) in `rope_scaling`.
    """
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if not isinstance(rope, dict):
        message = f"{path} has rotary positions {rope!r:.60}, not an object of their parameters. {FETCH}"
        raise StageError("data", message, where=str(path))
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default":
        raise _unsupported(path, f"scales its rotary positions ({kind!s:.60})")
    return {"rope_theta": rope["rope_theta"]} if "rope_theta" in rope else {}


def _unsupported(path: Path, what: str) -> StageError:
    todo = (
        "This trainer computes models like Qwen2.5, Qwen3 and SmolLM2: dense, all tokens attended to, rotary "
        "positions not scaled; name such a model in the recipe."
    )
    return StageError("configuration", f"{path} {what}. {todo}", where=str(path))
