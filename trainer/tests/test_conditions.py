"""Training sets whose questions tell how long their traces are."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from trainer.evaluate.settings import Control
from trainer.evaluate.told import instruction, read_step
from trainer.generate.tokenizer import build
from trainer.sft.conditions import conditioned
from trainer.sft.data import open_store
from trainer.sft.prepare import prepare
from trainer.sft.template import Record, render, tokenize
from trainer.tests.jobs import job
from trainer.tokenizer import START, load_tokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    made = tmp_path_factory.mktemp("made")
    build(made)
    return load_tokenizer(made)


def record(trace: str) -> Record:
    return Record(id="a", question="Start at one.", trace=trace, answer="seven")


@pytest.mark.parametrize(("words", "told"), [(1, 2), (3, 4), (4, 8), (5, 8), (8, 16)])
def test_a_question_tells_the_power_of_two_above_its_tokens(
    tokenizer: Tokenizer, words: int, told: int
) -> None:
    before = record(" one" * words)
    assert len(tokenizer.encode(before.trace.strip()).ids) == words
    [after] = conditioned([before], "token", tokenizer)
    assert after.question == f"Start at one.\n\nThink for up to {told} tokens."
    assert after.question == before.question + instruction(Control("token", 99, tokens=told))
    assert render(after, None)[1] == render(before, None)[1], "what is learned to say is as before"


def test_steps_are_counted_down_from_the_power_of_two_that_holds_them(tokenizer: Tokenizer) -> None:
    [after] = conditioned([record("one\n\n two\nand\n\n\n\nthree\n")], "step", tokenizer)
    prompt, target = render(after, None)
    assert "Start at one.\n\nThink for up to 4 steps.<|im_end|>" in prompt
    assert target == (
        "<|im_start|>4 steps left\none\n<|im_start|>3 steps left\ntwo\nand\n<|im_start|>2 steps left\nthree\n"
        "<|im_start|>answer\nAnswer: seven<|im_end|>\n"
    )
    [sample] = tokenize([after], None, tokenizer).samples
    # Three steps, the answer, and the two turns of the prompt.
    [start] = tokenizer.encode(START).ids
    assert sample.ids.count(start) == 6


@given(st.lists(st.sampled_from(["one", "two three", " four "]), min_size=1, max_size=40))
def test_an_evaluation_reads_every_step_that_was_trained_on(tokenizer: Tokenizer, steps: list[str]) -> None:
    [after] = conditioned([record("\n\n".join(steps))], "step", tokenizer)
    parts = render(after, None)[1].split(START)[1:]
    assert [read_step(part) for part in parts] == ["step"] * len(steps) + ["answer"]
    assert len(steps) <= after.told_steps < 2 * len(steps) + 1


@pytest.mark.parametrize("condition", ["token", "step"])
def test_prepare_makes_the_set_and_keeps_what_was_read(tmp_path: Path, condition: str) -> None:
    of = job(tmp_path, "prepare", {"recipe.dataset.condition": condition})
    prepare(of)
    tokenizer = Tokenizer.from_file(str(of.work / "data" / "tokenizer" / "tokenizer.json"))
    store = open_store(of.work / "data")
    kept = [json.loads(line) for line in (of.work / "data" / "records.jsonl").read_text().splitlines()]
    assert len(kept) == len(store.lengths) == 20
    for number, read in enumerate(kept):
        assert "Think for" not in read["question"]
        text = tokenizer.decode(store.tokens(number).tolist(), skip_special_tokens=False)
        assert f"{read['question']}\n\nThink for up to " in text
        assert ("steps left" in text) == (condition == "step")
