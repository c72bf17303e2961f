from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer

from trainer.failure import StageError
from trainer.generate import tokenizer as own_tokenizer
from trainer.sft.template import Record, render, tokenize
from trainer.tokenizer import control_tokens

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
    [sample] = tokenize([RECORD], QWEN, tokenizer).samples
    labels = sample.ids[sample.num_prompt :]
    assert tokenizer.decode(labels, skip_special_tokens=False) == render(RECORD, QWEN)[1]
    prompt = tokenizer.decode(sample.ids[: sample.num_prompt], skip_special_tokens=False)
    assert prompt.endswith("<|im_start|>assistant\n")
    assert tokenizer.token_to_id("<|im_end|>") in labels
    assert labels[0] == tokenizer.token_to_id("<|im_start|>")


def test_a_tokenizer_that_cuts_the_prompt_otherwise_before_text_is_refused(
    tokenizer: Tokenizer,
) -> None:
    # Takes the line's end before it along, which is the prompt's last token.
    tokenizer.add_special_tokens([AddedToken("<|im_start|>", lstrip=True, normalized=False)])
    with pytest.raises(StageError, match="Record a") as caught:
        tokenize([RECORD], None, tokenizer)
    assert caught.value.exit_class == "data"


CONTROLS = (*own_tokenizer.SPECIAL_TOKENS, *own_tokenizer.CONTROL_TOKENS)
TEXTS = st.lists(st.sampled_from([*CONTROLS, "one", " ", "\n", "<|im_", "end|>"]), min_size=1, max_size=5)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=TEXTS, trace=TEXTS, answer=TEXTS, system=st.none() | TEXTS)
def test_whatever_a_record_says_its_sample_has_the_control_tokens_of_the_template_alone(
    tokenizer: Tokenizer, question: list[str], trace: list[str], answer: list[str], system: list[str] | None
) -> None:
    record = Record("a", "".join(question), "".join(trace), "".join(answer))
    prompt = None if system is None else "".join(system)
    tokenized = tokenize([record], prompt, tokenizer)
    [sample] = tokenized.samples
    controls = control_tokens(tokenizer)
    found = [controls[number] for number in sample.ids if number in controls]
    turns = ["<|im_start|>", "<|im_end|>"] * (1 if system is None else 2)
    assert found == [*turns, "<|im_start|>", "<|im_start|>", "<|im_start|>", "<|im_end|>"]
    assert tokenizer.decode(sample.ids, skip_special_tokens=False) == "".join(render(record, prompt))
    texts = (*question, *trace, *answer, *(system or ()))
    if any(text in CONTROLS for text in texts):
        assert tokenized.held.keys() == {0}
