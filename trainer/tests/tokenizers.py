"""Tokenizers that tests are run with: the trainer's own, and one of a published model."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from trainer.generate.tokenizer import build
from trainer.tokenizer import load_tokenizer

QWEN = Path(__file__).parents[2] / "node_modules" / "@lenml" / "tokenizer-qwen2_5" / "models"


def own_tokenizer(folder: Path) -> Tokenizer:
    build(folder)
    return load_tokenizer(folder)


def qwen_tokenizer() -> Tokenizer:
    if not QWEN.is_dir():
        pytest.skip(f"{QWEN} is not there")
    return load_tokenizer(QWEN)
