"""What a tokenizer's file says beside which tokens a text becomes is not heeded."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from trainer.failure import StageError
from trainer.generate import tokenizer as own_tokenizer
from trainer.sft.end_tokens import end_tokens
from trainer.tokenizer import load_tokenizer

TEXT = "<|im_start|>user\none two three<|im_end|>\n" * 20


def changed(folder: Path, **changes: Any) -> None:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_truncation_padding_and_a_processor_that_adds_tokens_change_nothing(tmp_path: Path) -> None:
    own_tokenizer.build(tmp_path)
    expected = load_tokenizer(tmp_path).encode(TEXT).ids
    saved: Tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    saved.enable_truncation(64)
    saved.enable_padding(length=500)
    saved.post_processor = TemplateProcessing("<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)])
    saved.save(str(tmp_path / "tokenizer.json"))
    assert saved.encode(TEXT).ids != expected and len(saved.encode(TEXT).ids) == 500
    assert load_tokenizer(tmp_path).encode(TEXT).ids == expected
    model = json.loads((tmp_path / "tokenizer.json").read_text())["model"]
    changed(tmp_path, model={**model, "dropout": 0.9})
    assert load_tokenizer(tmp_path).encode(TEXT).ids == expected


def test_a_tokenizer_without_chatmls_tokens_is_refused_with_its_name(tmp_path: Path) -> None:
    own_tokenizer.build(tmp_path)
    added = json.loads((tmp_path / "tokenizer.json").read_text())["added_tokens"]
    changed(tmp_path, added_tokens=[token for token in added if token["content"] != "<|im_end|>"])
    with pytest.raises(StageError) as caught:
        load_tokenizer(tmp_path, name="models/mine")
    assert caught.value.exit_class == "data"
    assert "models/mine/tokenizer.json lacks <|im_end|>" in caught.value.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("{", "is not JSON (a name in double quotes is missing"),
        ("[]", "is no JSON object"),
        ("[" * 100_000, "is nested too deeply"),
        ("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        ("{}", "is JSON, and no tokenizer"),
        ('{"model": {"type": "None"}}', "is JSON, and no tokenizer"),
        ('{"model": 1}', "is JSON, and no tokenizer"),
    ],
)
def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(StageError) as caught:
        load_tokenizer(tmp_path)
    assert caught.value.exit_class == "data" and said in caught.value.message
    assert caught.value.where == str(tmp_path / "tokenizer.json")


def test_added_tokens_without_text_or_id_are_told_where_their_ids_are_looked_for(tmp_path: Path) -> None:
    for added in (["x"], [{"content": "x"}], 5):
        (tmp_path / "tokenizer.json").write_text(json.dumps({"added_tokens": added}))
        with pytest.raises(StageError, match="added_tokens that are not each a text and its id"):
            end_tokens(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "config.json").mkdir()
    with pytest.raises(StageError, match="cannot be read: Is a directory"):
        end_tokens(tmp_path)
