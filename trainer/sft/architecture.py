"""A model folder's config.json as an architecture, and whether a recipe says the same.

A recipe carries its model's architecture, so that a run can be planned before any of the model's files is at
hand. Where the files differ, they are not the model that was planned, and the run ends before it holds a
device.
"""

import json
from pathlib import Path
from typing import Any

from trainer.failure import StageError
from trainer.family import FAMILIES, Family
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


def read_architecture(folder: Path) -> Architecture:
    """The architecture of a Hugging Face model folder.

    Raises StageError `missing-input` (no config.json), `data` (not readable) or `configuration` (a model
    that this trainer does not compute).
    """
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_bytes())
    except OSError as error:
        message = f"Cannot read {path}: {error.strerror}. The model's folder must hold its config.json."
        raise StageError("missing-input", message) from error
    except ValueError as error:
        raise StageError("data", f"{path} is not JSON ({error}). Fetch the model again.") from error
    family = _family(config, path)
    for key, expected in {**COMPUTED, **family.settings}.items():
        if config.get(key, expected) != expected:
            raise _unsupported(path, f"has {key} {config[key]!r}, not {expected!r}")
    others = sorted({str(kind) for kind in config.get("layer_types") or ()} - {FULL})
    if others:
        raise _unsupported(path, f"has layer_types {', '.join(others)}, not {FULL} alone")
    values = {**config, **_rotation(config, path)}
    values.setdefault("tie_word_embeddings", False)
    missing = [key for _, _, key in FIELDS if key != "head_dim" and values.get(key) is None]
    missing += [key for key in family.said if key not in config]
    if missing:
        raise _unsupported(path, f"lacks {', '.join(missing)}")
    if values.get("head_dim") is None:
        values["head_dim"] = values["hidden_size"] // values["num_attention_heads"]
    return Architecture(**{attribute: values[key] for _, attribute, key in FIELDS})


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
    family = FAMILIES.get(config["model_type"])
    if family is None:
        raise _unsupported(path, f"has model_type {config['model_type']!r}, not {' or '.join(FAMILIES)}")
    return family


def _rotation(config: dict[str, Any], path: Path) -> dict[str, Any]:
    """The rotary base, in transformers 5 a part of `rope_parameters`.

    transformers 4 had it beside the other fields, and what scales it (YaRN) in `rope_scaling`.
    """
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default":
        raise _unsupported(path, f"scales its rotary positions ({kind})")
    return {"rope_theta": rope["rope_theta"]} if "rope_theta" in rope else {}


def _unsupported(path: Path, what: str) -> StageError:
    todo = (
        "This trainer computes models like Qwen2.5, Qwen3 and SmolLM2: dense, all tokens attended to, rotary "
        "positions not scaled; name such a model in the recipe."
    )
    return StageError("configuration", f"{path} {what}. {todo}")
