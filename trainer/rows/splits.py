"""Which of a hub repository's files hold a split, by the conventions of the `datasets` library.

A repository says it in the `configs` of its README's YAML header; one without is told by its files' names
(`data/train-00000-of-00002.parquet`, `main/train.jsonl`, `test/part.json.gz`). A split's name counts only
where it stands for itself: `constraints.json` is not the split `train`.
"""

import re
from collections.abc import Sequence
from typing import Any

import yaml
from fsspec.utils import glob_translate

from trainer.rows.read import FORMATS, format_of

# Other names under which the three usual splits go (datasets' data_files.py).
ALIASES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
SHARD = re.compile(r"-(\d{5})-of-(\d{5})")
SEPARATORS = re.compile(r"[-._ 0-9/]+")
# Descriptions that lie beside the data.
NOT_DATA = ("dataset_infos.json", "dataset_info.json", "state.json", "config.json", "dataset_dict.json")


class SplitError(ValueError):
    """No files, or more than one choice of them; the text says what there is."""


def split_files(files: Sequence[str], readme: str | None, config: str | None, split: str) -> list[str]:
    """The files of a split, in the order of their names.

    `files`: paths in the repository. `readme`: its README.md. `config`: None where the recipe names none.
    Raises SplitError.
    """
    configs = _configs(readme)
    if configs:
        return _of_header(files, _choose(configs, config), split)
    return _by_name(files, config, split)


def missing_shards(files: Sequence[str]) -> list[str]:
    """Shards that must be there, by the names of those that are: one of two says `-of-00002`."""
    missing = set()
    for name in files:
        if (found := SHARD.search(name)) is not None:
            for number in range(int(found[2])):
                missing.add(f"{name[: found.start()]}-{number:05d}-of-{found[2]}{name[found.end() :]}")
    return sorted(missing - set(files))


def _configs(readme: str | None) -> list[dict[str, Any]]:
    header = re.match(r"---\s*\n(.*?)\n---\s*(?:\n|$)", readme or "", re.DOTALL)
    if header is None:
        return []
    try:
        content = yaml.safe_load(header[1])
    except yaml.YAMLError:
        return []
    configs = content.get("configs") if isinstance(content, dict) else None
    usable = configs if isinstance(configs, list) else []
    return [
        each for each in usable if isinstance(each, dict) and ("data_files" in each or "data_dir" in each)
    ]


def _choose(configs: list[dict[str, Any]], wanted: str | None) -> dict[str, Any]:
    names = [str(each.get("config_name", "default")) for each in configs]
    if wanted is not None:
        if wanted not in names:
            raise SplitError(f"has no configuration {wanted!r}; its README names {', '.join(names)}")
        return configs[names.index(wanted)]
    marked = [each for each in configs if each.get("default") is True]
    if len(marked) == 1 or len(configs) == 1:
        return (marked or configs)[0]
    if "default" in names:
        return configs[names.index("default")]
    raise SplitError(f"has several configurations: name one of {', '.join(names)} as `config`")


def _of_header(files: Sequence[str], config: dict[str, Any], split: str) -> list[str]:
    folder = str(config.get("data_dir") or "").strip("/")
    prefix = f"{folder}/" if folder else ""
    if "data_files" not in config:
        inside = [name.removeprefix(prefix) for name in files if name.startswith(prefix)]
        return [prefix + name for name in _by_name(inside, None, split)]
    patterns = _patterns(config["data_files"])
    if split not in patterns:
        raise SplitError(f"has no split {split!r}; its README names {', '.join(patterns)}")
    chosen = set()
    for pattern in patterns[split]:
        if "://" in pattern:
            raise SplitError(
                f"takes the split {split!r} from elsewhere ({pattern}), which is not fetched here"
            )
        matches = re.compile(glob_translate(prefix + pattern.removeprefix("./")))
        found = [name for name in files if matches.match(name)]
        if not found:
            raise SplitError(f"names {pattern} for the split {split!r}, and no file there is named so")
        chosen.update(found)
    return _readable(sorted(chosen), split)


def _patterns(data_files: Any) -> dict[str, list[str]]:
    """From split to patterns; a list without splits is all `train`."""
    if isinstance(data_files, dict):
        return {str(split): _texts(paths) for split, paths in data_files.items()}
    entries = data_files if isinstance(data_files, list) else [data_files]
    if all(isinstance(entry, dict) and "split" in entry for entry in entries):
        return {str(entry["split"]): _texts(entry.get("path")) for entry in entries}
    return {"train": _texts(entries)}


def _texts(paths: Any) -> list[str]:
    return [str(path) for path in (paths if isinstance(paths, list) else [paths])]


def _by_name(files: Sequence[str], config: str | None, split: str) -> list[str]:
    data = [name for name in files if _is_data(name)]
    if not data:
        raise SplitError(f"holds no file that ends in {', '.join(FORMATS)}")
    if config is not None:
        inside = [name for name in data if config in name.split("/")[:-1]]
        if not inside:
            folders = sorted({name.split("/")[0] for name in data if "/" in name}) or ["none"]
            raise SplitError(
                f"has no folder of the configuration {config!r}; there are: {', '.join(folders)}"
            )
        data = inside
    chosen = _of_split(data, split)
    if not chosen:
        shown = ", ".join(data[:8]) + (f" and {len(data) - 8} more" if len(data) > 8 else "")
        raise SplitError(f"has no split {split!r}; its files are: {shown}")
    folders = sorted({name.rpartition("/")[0] for name in chosen})
    # A folder a configuration, each with its own split of that name.
    if config is None and len(folders) > 1 and len({_stem(name) for name in chosen}) < len(chosen):
        raise SplitError(
            f"has the split {split!r} in several folders: name one of them as `config`: "
            f"{', '.join(folder or '(the top)' for folder in folders)}"
        )
    return _readable(chosen, split)


def _of_split(data: list[str], split: str) -> list[str]:
    """The surest convention that holds decides: a file's very name, a folder's, a part of a name."""
    names = ALIASES.get(split, (split,))
    whole = [name for name in data if _stem(name) == split]
    folder = [name for name in data if split in name.split("/")[:-1]]
    part = [name for name in data if not SHARD.search(name) and _has(_stem(name), names)]
    other = [name for name in data if any(each in name.split("/")[:-1] for each in names)]
    for chosen in (whole, folder, part, other):
        if chosen:
            return sorted(chosen)
    # Files that are named for no split are all `train`, as long as no other split is named either.
    known = [each for aliases in ALIASES.values() for each in aliases]
    named = [name for name in data if SHARD.search(name) or _has(name, known)]
    return sorted(data) if split == "train" and not named else []


def _has(name: str, words: Sequence[str]) -> bool:
    """Whether a word stands in a name for itself, between separators."""
    parts = SEPARATORS.split(name)
    return any(
        word in parts or re.search(rf"(?:^|[-._ /]){re.escape(word)}(?:$|[-._ /])", name) for word in words
    )


def _stem(name: str) -> str:
    base = name.rpartition("/")[2]
    base = base[: -len(format_of(base) or "")]
    return SHARD.sub("", base)


def _is_data(name: str) -> bool:
    base = name.rpartition("/")[2]
    hidden = any(part.startswith((".", "__")) for part in name.split("/"))
    return not hidden and base not in NOT_DATA and format_of(base) is not None


def _readable(chosen: list[str], split: str) -> list[str]:
    """Of one format, because the same rows often lie there in two; that of most files, else Parquet."""
    unread = [name for name in chosen if format_of(name) is None]
    if unread and len(unread) == len(chosen):
        kinds = ", ".join(FORMATS)
        raise SplitError(f"keeps the split {split!r} in {unread[0]}; files that can be read end in {kinds}")
    formats = [format_of(name) for name in chosen if format_of(name)]
    best = max(sorted(set(formats), key=str), key=lambda each: (formats.count(each), each == ".parquet"))
    chosen = [name for name in chosen if format_of(name) == best]
    if missing := missing_shards(chosen):
        raise SplitError(f"lacks {len(missing)} of the split's shards, such as {missing[0]}")
    return chosen
