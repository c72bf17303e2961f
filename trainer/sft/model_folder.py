"""Whether a pretrained model's folder holds the weights of its architecture, whole: told from headers alone.

A damaged folder is found before any device is held. 65 GB of weights are looked through in well under a
second, because none is read, except a head beside tied embeddings, which must be the same matrix.
"""

import json
from pathlib import Path
from typing import Any

from trainer.family import FAMILIES
from trainer.sft.safetensors_header import LFS_POINTER, TensorHeader, damaged, read_header
from trainer.spec import Architecture

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
# What is computed again at each start, and older programs wrote all the same.
RECOMPUTED = "rotary_emb.inv_freq"
# Cast to fp32 when they are loaded; integers would be quantised weights.
FLOATS = ("BF16", "F16", "F32", "F64")
CHUNK_BYTES = 1 << 24


def check_model_folder(folder: Path, architecture: Architecture) -> None:
    """Raises StageError `data` that names the file which is absent, cut, stale, or of another model."""
    places = _indexed(folder) if (folder / INDEX).is_file() else _single(folder)
    found: dict[str, tuple[Path, TensorHeader]] = {}
    for path in sorted(set(places.values())):
        for name, tensor in read_header(path).items():
            if name in found:
                raise damaged(path, f"holds {name}, and so does {found[name][0].name}")
            if name not in places:
                raise damaged(folder / INDEX, f"does not name {name}, which {path.name} holds")
            if places[name] != path:
                raise damaged(path, f"holds {name}, which {INDEX} places in {places[name].name}")
            found[name] = (path, tensor)
    for name, path in places.items():
        if name not in found:
            raise damaged(path, f"lacks {name}, which {INDEX} places there: they are not of one model")
    _check_tensors(folder, architecture, found)
    if architecture.tied_embeddings and HEAD in found:
        _check_same_bytes(found[EMBEDDING], found[HEAD])


def expected_shapes(arch: Architecture) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor of trainer.sft.model.CausalLM, without loading torch."""
    assert arch.vocabulary_size is not None, "a model's config.json always has it"
    hidden, inner = arch.hidden_size, arch.feed_forward_size
    query, key_value = arch.query_heads * arch.head_size, arch.key_value_heads * arch.head_size
    family = FAMILIES[arch.model_type]
    shapes: dict[str, tuple[int, ...]] = {
        EMBEDDING: (arch.vocabulary_size, hidden),
        "model.norm.weight": (hidden,),
    }
    for layer in range(arch.layers):
        block: dict[str, tuple[int, ...]] = {
            "input_layernorm.weight": (hidden,),
            "post_attention_layernorm.weight": (hidden,),
            "self_attn.o_proj.weight": (hidden, query),
            "mlp.gate_proj.weight": (inner, hidden),
            "mlp.up_proj.weight": (inner, hidden),
            "mlp.down_proj.weight": (hidden, inner),
        }
        for name, size in (("q", query), ("k", key_value), ("v", key_value)):
            block[f"self_attn.{name}_proj.weight"] = (size, hidden)
            if family.qkv_biases:
                block[f"self_attn.{name}_proj.bias"] = (size,)
        if family.qk_norms:
            block |= {f"self_attn.{name}_norm.weight": (arch.head_size,) for name in ("q", "k")}
        shapes.update({f"model.layers.{layer}.{name}": shape for name, shape in block.items()})
    if not arch.tied_embeddings:
        shapes[HEAD] = (arch.vocabulary_size, hidden)
    return shapes


def _indexed(folder: Path) -> dict[str, Path]:
    """The file of each tensor as the index says; no other file of weights may lie beside them."""
    path = folder / INDEX
    content = path.read_bytes()
    if content.startswith(LFS_POINTER):
        raise damaged(
            path, "is a pointer of Git LFS, not the file itself", "Run `git lfs pull` in its folder."
        )
    try:
        weight_map: Any = json.loads(content)["weight_map"]
        places = {str(name): folder / file for name, file in weight_map.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path, "is no index of a model's files, for it has no `weight_map` of names") from error
    if not places:
        raise damaged(path, "names no tensor")
    for file in sorted(set(places.values())):
        if file.parent != folder or file.suffix != ".safetensors":
            raise damaged(path, f"names {file.name!r}, which is no safetensors file of this folder")
        if not file.is_file():
            raise damaged(file, f"is missing, but {INDEX} places tensors there")
    unnamed = sorted(_weight_files(folder) - set(places.values()))
    if unnamed:
        todo = "Remove what does not belong to the model, or fetch it again into an empty folder."
        raise damaged(unnamed[0], f"is of another state of the model: {INDEX} does not name it", todo)
    return places


def _single(folder: Path) -> dict[str, Path]:
    single, files = folder / SINGLE, sorted(_weight_files(folder))
    if files and files != [single]:
        raise damaged(folder / INDEX, f"is missing, but there are several files such as {files[0].name}")
    if not files:
        others = sorted([*folder.glob("pytorch_model*.bin"), *folder.glob("*.gguf")])
        found = f", only {others[0].name}, which is another format" if others else ""
        todo = "Fetch the model's safetensors files."
        raise damaged(folder, f"holds no weights: neither {SINGLE} nor {INDEX}{found}", todo)
    return dict.fromkeys(read_header(single), single)


def _weight_files(folder: Path) -> set[Path]:
    """Files that a stock loader may take for the model's weights; links that lead nowhere are among them."""
    return {folder / SINGLE} & set(folder.iterdir()) | set(folder.glob("model-*-of-*.safetensors"))


def _check_tensors(
    folder: Path, architecture: Architecture, found: dict[str, tuple[Path, TensorHeader]]
) -> None:
    expected = expected_shapes(architecture)
    config = folder / "config.json"
    for name, shape in expected.items():
        if name not in found:
            hint = " (with tied embeddings there is none: tie_word_embeddings)" if name == HEAD else ""
            todo = f"Fetch the model again, or correct {config}."
            raise damaged(folder, f"holds no tensor {name}, which {config.name} implies{hint}", todo)
        path, tensor = found[name]
        if tensor.shape != shape:
            what = f"holds {name} of shape {list(tensor.shape)}, and {config.name} implies {list(shape)}"
            raise damaged(path, what, "They are not of one model: fetch it again.")
        if tensor.data_type not in FLOATS:
            what = f"holds {name} as {tensor.data_type}, and this trainer reads {', '.join(FLOATS)}"
            raise damaged(path, what, "Name a model that is not quantised.")
    ignored = {HEAD} if architecture.tied_embeddings else set()
    for name, (path, _) in found.items():
        if name not in expected and name not in ignored and not name.endswith(RECOMPUTED):
            what = f"holds {name}, which {config.name} does not imply"
            raise damaged(path, what, "The file is of another model, or config.json is: fetch both again.")


def _check_same_bytes(one: tuple[Path, TensorHeader], other: tuple[Path, TensorHeader]) -> None:
    """A head beside tied embeddings is the embeddings; else it is not known which one is meant."""
    (path, tensor), (head_path, head) = one, other
    same = (tensor.data_type, tensor.shape) == (head.data_type, head.shape)
    if same:
        with path.open("rb") as first, head_path.open("rb") as second:
            first.seek(tensor.start)
            second.seek(head.start)
            for start in range(tensor.start, tensor.end, CHUNK_BYTES):
                size = min(CHUNK_BYTES, tensor.end - start)
                same = same and first.read(size) == second.read(size)
    if not same:
        what = f"holds {HEAD}, which is not {EMBEDDING}, though config.json says that embeddings are tied"
        raise damaged(head_path, what, "Set tie_word_embeddings to false there, or fetch the model again.")
