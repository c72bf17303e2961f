"""A Llama in a GGUF file as the folder of a Qwen2, which the trainer reads.

python -m trainer.convert FILE.gguf FOLDER

Needs the package gguf. What a file keeps in fewer bits than 16 stays as coarse as it is there.
"""

import json
import shutil
import sys
from pathlib import Path

from gguf import GGUFReader
from safetensors.torch import save_file

from trainer import manifest
from trainer.convert.metadata import architecture_of, config_of, special_ids
from trainer.convert.tensors import qwen2_tensors
from trainer.convert.tokenizer import write_tokenizer
from trainer.failure import EXIT_CODE_OF_CLASS, StageError


def convert(file: Path, folder: Path) -> int:
    """Makes `folder` whole or not at all, and returns the number of weights; biases of zero are not counted.

    Raises StageError `missing-input`, `data` or `configuration`.
    """
    try:
        reader = GGUFReader(file)
    except OSError as error:
        raise StageError("missing-input", f"Cannot read {file}: {error.strerror}.") from error
    except ValueError as error:
        raise StageError("data", f"{file} is no GGUF file ({error}). Fetch it again.") from error
    metadata = {name: field.contents() for name, field in reader.fields.items()}
    is_tied = all(tensor.name != "output.weight" for tensor in reader.tensors)
    arch = architecture_of(metadata, tied_embeddings=is_tied)
    tensors = qwen2_tensors(reader, arch)
    partial = manifest.fresh(folder)
    save_file(tensors, partial / "model.safetensors", metadata={"format": "pt"})
    # safetensors makes files for the owner alone.
    (partial / "model.safetensors").chmod(0o644)
    _write(partial / "config.json", config_of(arch, metadata))
    _write(partial / "generation_config.json", special_ids(metadata))
    write_tokenizer(metadata, partial)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return sum(tensor.numel() for name, tensor in tensors.items() if not name.endswith(".bias"))


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python -m trainer.convert FILE.gguf FOLDER", file=sys.stderr)
        return EXIT_CODE_OF_CLASS["usage"]
    file, folder = map(Path, arguments)
    try:
        count = convert(file, folder)
    except StageError as error:
        print(error.message, file=sys.stderr)
        return EXIT_CODE_OF_CLASS[error.exit_class]
    print(f"{folder}: {count:,} weights")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
