"""The ways in which downloads and conversions damage a model's folder of several files."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from trainer.sft.model_folder import INDEX, SINGLE


def shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def rewrite(path: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})


def missing(folder: Path, chance: random.Random) -> None:
    chance.choice(shards(folder)).unlink()


def cut_short(folder: Path, chance: random.Random) -> None:
    path = chance.choice(shards(folder))
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])


def grown(folder: Path, chance: random.Random) -> None:
    with chance.choice(shards(folder)).open("ab") as file:
        file.write(b"\0" * chance.randrange(1, 100))


def lfs_pointer(folder: Path, chance: random.Random) -> None:
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 3945441440\n"
    chance.choice([*shards(folder), folder / INDEX]).write_text(text)


def error_page(folder: Path, chance: random.Random) -> None:
    chance.choice([*shards(folder), folder / INDEX]).write_text("<!doctype html><title>Sign in</title>" * 50)


def link_to_nowhere(folder: Path, chance: random.Random) -> None:
    path = chance.choice(shards(folder))
    path.unlink()
    path.symlink_to(folder / "blobs" / "gone")


def swapped(folder: Path, chance: random.Random) -> None:
    one, other = chance.sample(shards(folder), 2)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def index_misses_a_tensor(folder: Path, chance: random.Random) -> None:
    index = json.loads((folder / INDEX).read_text())
    del index["weight_map"][chance.choice(sorted(index["weight_map"]))]
    (folder / INDEX).write_text(json.dumps(index))


def index_names_another_file(folder: Path, chance: random.Random) -> None:
    index = json.loads((folder / INDEX).read_text())
    name = chance.choice(sorted(index["weight_map"]))
    others = {*index["weight_map"].values(), "../model-1.safetensors", "model.bin"} - {
        index["weight_map"][name]
    }
    index["weight_map"][name] = chance.choice(sorted(others))
    (folder / INDEX).write_text(json.dumps(index))


def index_is_missing(folder: Path, _chance: random.Random) -> None:
    (folder / INDEX).unlink()


def another_shape(folder: Path, chance: random.Random) -> None:
    def change(tensors: dict[str, torch.Tensor]) -> None:
        name = chance.choice(sorted(tensors))
        tensors[name] = torch.cat((tensors[name], tensors[name][:1]))

    rewrite(chance.choice(shards(folder)), change)


def quantised(folder: Path, chance: random.Random) -> None:
    def change(tensors: dict[str, torch.Tensor]) -> None:
        name = chance.choice(sorted(tensors))
        tensors[name] = tensors[name].to(chance.choice([torch.int8, torch.uint8, torch.int32]))

    rewrite(chance.choice(shards(folder)), change)


def held_twice(folder: Path, chance: random.Random) -> None:
    one, other = chance.sample(shards(folder), 2)
    name = chance.choice(sorted(load_file(one)))
    rewrite(other, lambda tensors: tensors.update({name: load_file(one)[name]}))


def renamed(folder: Path, chance: random.Random) -> None:
    def change(tensors: dict[str, torch.Tensor]) -> None:
        name = chance.choice(sorted(tensors))
        tensors[name.replace("model.", "transformer.") + ".old"] = tensors.pop(name)

    rewrite(chance.choice(shards(folder)), change)


def stale_single_file(folder: Path, _chance: random.Random) -> None:
    save_file({"model.norm.weight": torch.ones(16)}, folder / SINGLE)


def shard_of_another_state(folder: Path, _chance: random.Random) -> None:
    save_file({"model.norm.weight": torch.ones(16)}, folder / "model-00001-of-00099.safetensors")


def other_config(folder: Path, chance: random.Random) -> None:
    config = json.loads((folder / "config.json").read_text())
    key, value = chance.choice(
        [("num_hidden_layers", 1), ("num_hidden_layers", 3),
         ("vocab_size", 51), ("tie_word_embeddings", True),
         ("intermediate_size", 25), ("num_key_value_heads", 4)]
    )  # fmt: skip
    (folder / "config.json").write_text(json.dumps({**config, key: value}))


DAMAGES = [
    missing, cut_short, grown, lfs_pointer, error_page, link_to_nowhere, swapped, index_misses_a_tensor,
    index_names_another_file, index_is_missing, another_shape, quantised, held_twice, renamed,
    stale_single_file, shard_of_another_state, other_config,
]  # fmt: skip
