"""Laws of the tokenizer that the project makes for models trained from scratch."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from trainer.generate.running_digit import records
from trainer.generate.tokenizer import CONTROL_TOKENS, SPECIAL_TOKENS, build

SOURCE = {
    "samples": 300,
    "seed": 7,
    "slipShare": 0.3,
    "additions": {"median": 10, "sigma": 0.8, "min": 2, "max": 99},
}
TEXTS = [
    f"<|im_start|>user\n{record['question']}<|im_end|>\n<|im_start|>assistant\n"
    f"<|im_start|>think\n{record['trace']}\n<|im_start|>answer\n{record['answer']}<|im_end|>\n"
    for record in records(SOURCE)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer")
    build(path)
    return path


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    loaded: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return loaded


def decode(tokenizer: Tokenizer, ids: list[int]) -> str:
    text: str = tokenizer.decode(ids, skip_special_tokens=False)
    return text


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_normalised_text_survives(tokenizer: Tokenizer, text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    assert decode(tokenizer, tokenizer.encode(normal).ids) == normal


def test_generated_text_survives_and_each_of_its_words_is_one_token(tokenizer: Tokenizer) -> None:
    for text in TEXTS:
        encoding = tokenizer.encode(text)
        assert decode(tokenizer, encoding.ids) == text
        assert not [token for token in encoding.tokens if re.fullmatch("[A-Za-z]", token)]


def test_a_prompt_is_cut_into_the_tokens_that_the_full_text_begins_with(tokenizer: Tokenizer) -> None:
    for text in TEXTS:
        for end in ("<|im_start|>assistant\n", "<|im_start|>think", "<|im_start|>answer", "Final Answer:"):
            prompt = text[: text.index(end) + len(end)]
            ids = tokenizer.encode(prompt).ids
            assert tokenizer.encode(text).ids[: len(ids)] == ids


def test_special_tokens_are_those_of_qwen25_in_its_order(tokenizer: Tokenizer) -> None:
    added = dict(sorted(tokenizer.get_added_tokens_decoder().items()))
    assert [token.content for token in added.values()] == [*SPECIAL_TOKENS, *CONTROL_TOKENS]
    assert [token.special for token in added.values()] == [True] * 14 + [False] * 8
    assert [tokenizer.encode(token.content).ids for token in added.values()] == [[index] for index in added]


def test_building_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    build(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_transformers_loads_it_beside_a_qwen2_model_with_equal_tokens(
    folder: Path, tokenizer: Tokenizer
) -> None:
    from transformers import AutoTokenizer

    (folder / "config.json").write_text('{"model_type": "qwen2"}', encoding="utf-8")
    theirs = AutoTokenizer.from_pretrained(str(folder))
    for text in TEXTS:
        assert theirs(text)["input_ids"] == tokenizer.encode(text).ids
    turns = [{"role": "user", "content": "How many?"}]
    rendered = theirs.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    assert rendered == "<|im_start|>user\nHow many?<|im_end|>\n<|im_start|>assistant\n"
    assert (theirs.eos_token, theirs.pad_token) == ("<|im_end|>", "<|endoftext|>")
