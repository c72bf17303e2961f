from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from trainer.failure import StageError
from trainer.generate import tokenizer as own_tokenizer
from trainer.sft.template import Record, render, tokenize

RECORD = Record(id="a", question="Start at one.", trace=" one two\n", answer=" seven ")
QWEN = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    own_tokenizer.build(tmp_path)
    return Tokenizer.from_file(str(tmp_path / "tokenizer.json"))


def test_text_is_that_of_s1() -> None:
    assert "".join(render(RECORD, QWEN)) == (
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
        "<|im_start|>user\nStart at one.<|im_end|>\n"
        "<|im_start|>assistant\n<|im_start|>think\none two\n<|im_start|>answer\nAnswer:  seven<|im_end|>\n"
    )


def test_no_system_prompt_leaves_the_turn_out() -> None:
    assert render(RECORD, None)[0].startswith("<|im_start|>user\n")


def test_an_answer_that_says_answer_gets_no_second_prefix() -> None:
    record = Record(id="a", question="q", trace="t", answer="Final Answer: 7")
    assert render(record, None)[1].endswith("<|im_start|>answer\nFinal Answer: 7<|im_end|>\n")


def test_labels_start_after_the_assistants_turn_begins_and_include_the_stop_token(
    tokenizer: Tokenizer,
) -> None:
    [sample] = tokenize([RECORD], QWEN, tokenizer)
    labels = sample.ids[sample.num_prompt :]
    assert tokenizer.decode(labels, skip_special_tokens=False) == render(RECORD, QWEN)[1]
    prompt = tokenizer.decode(sample.ids[: sample.num_prompt], skip_special_tokens=False)
    assert prompt.endswith("<|im_start|>assistant\n")
    assert tokenizer.token_to_id("<|im_end|>") in labels
    assert labels[0] == tokenizer.token_to_id("<|im_start|>")


def test_a_tokenizer_that_cuts_the_prompt_otherwise_when_text_follows_is_refused() -> None:
    # Takes any text for one word, so the full text is no longer than the prompt.
    words = Tokenizer(WordLevel({"whole": 0}, unk_token="whole"))
    with pytest.raises(StageError, match="Record a") as caught:
        tokenize([RECORD], None, words)
    assert caught.value.exit_class == "data"
