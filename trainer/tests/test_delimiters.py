"""Delimiters of thinking that a recipe names: which a tokenizer writes and finds again, which data hold."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken, Tokenizer

from trainer.delimiters import check_delimiters
from trainer.evaluate.budget_forcing import count_thinking
from trainer.evaluate.settings import Control, parse_settings
from trainer.evaluate.text_end import end_token, text_end
from trainer.failure import StageError
from trainer.inspect.__main__ import inspect
from trainer.inspect.request import Request
from trainer.parse import parse
from trainer.sft.data import open_store
from trainer.sft.prepare import prepare
from trainer.sft.template import Record, render, tokenize
from trainer.tests.evaluations import delimiters, evaluation
from trainer.tests.jobs import job
from trainer.tests.tokenizers import own_tokenizer, qwen_tokenizer
from trainer.thinking import S1, Thinking
from trainer.tokenizer import load_tokenizer

TAGS = delimiters("<think>\n", "</think>", "</think>\n\n")
ROW = {"question": "What is one?", "trace": "one, then.", "answer": "one"}


@pytest.fixture(scope="module", params=["own", "qwen2.5", "qwen3"])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    if request.param == "own":
        return own_tokenizer(tmp_path_factory.mktemp("made"))
    loaded = qwen_tokenizer()
    if request.param == "qwen3":
        # Qwen3 has both as tokens of their own that are not skipped with the special ones.
        loaded.add_tokens([AddedToken(tag, normalized=False) for tag in ("<think>", "</think>")])
    return loaded


def test_delimiting_line_breaks_are_not_counted_as_thinking(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("\none two\n\nthree\n").ids
    assert count_thinking(tokenizer, ids) == len(ids) - 2
    assert count_thinking(tokenizer, tokenizer.encode("\n").ids) == 0
    assert count_thinking(tokenizer, []) == 0


@pytest.mark.parametrize("thinking", [S1, TAGS])
def test_what_is_fed_is_what_was_trained_on(tokenizer: Tokenizer, thinking: Thinking) -> None:
    check_delimiters(thinking, tokenizer, field="dataset.thinking")
    for trace, answer in (("one", "seven"), ("A step.\n\nAnother one.", "\\boxed{7}"), ("x <", "(b)")):
        record = Record("a", "Start at one.", trace, answer)
        [sample] = tokenize([record], None, tokenizer, thinking).samples
        target = sample.ids[sample.num_prompt :]
        assert tokenizer.decode(target, skip_special_tokens=False) == render(record, None, thinking)[1]
        fed = tokenizer.encode(thinking.start, add_special_tokens=False).ids
        head = tokenizer.encode(thinking.before_answer, add_special_tokens=False).ids
        assert target[: len(fed)] == fed
        places = [at for at in range(len(target)) if target[at : at + len(head)] == head]
        assert len(places) == 1
        end = text_end(thinking.end, tokenizer)
        if end is None:
            assert target.index(head[0], len(fed)) == places[0]
        else:
            found = end.find(tuple(target))
            assert found is not None and found[0] == places[0] and found[1] <= places[0] + len(head)


def test_thinking_between_tags_is_written_as_published_models_write_it() -> None:
    target = render(Record("a", "q", " one\n", "7"), None, TAGS)[1]
    assert target == "<think>\none\n</think>\n\nAnswer: 7<|im_end|>\n"


def test_a_tag_is_a_token_to_one_tokenizer_and_a_text_to_another() -> None:
    qwen = qwen_tokenizer()
    assert end_token("</think>", qwen) is None
    found = text_end("</think>", qwen)
    assert found is not None
    assert {qwen.decode([head]) for head in found.heads} >= {"<", "</", " </"}
    for written in ("so.</think>\n\n7", "so.\n</think>", "so <</think>>"):
        ids = tuple(qwen.encode(written, add_special_tokens=False).ids)
        places = found.find(ids)
        assert places is not None
        before, whole = (qwen.decode(ids[:place]) for place in places)
        assert written.startswith(whole) and "</think>" in whole
        # No more is taken away than the one token that holds both.
        assert written.startswith(before) and len(written.partition("</think>")[0]) - len(before) <= 1


@pytest.mark.parametrize(
    ("thinking", "said"),
    [
        (delimiters("<|im_end|>think", "</think>"), "thinking.start is .*ends the model's texts"),
        (delimiters("<think>\n", "<|endoftext|>"), "thinking.end is .*ends the model's texts"),
        (delimiters("<think>\n", "e\u0301nd", "e\u0301nd\n"), "thinking.end is .*reads as '\u00e9nd'"),
        (delimiters("<think>\n", "</think>", "</think>\n", "<|im_end|>"), "thinking.finalAnswer is "),
    ],
)
def test_what_cannot_be_found_again_is_refused_at_its_field(
    tmp_path: Path, thinking: Thinking, said: str
) -> None:
    tokenizer = own_tokenizer(tmp_path)
    ends = set(tokenizer.encode("<|endoftext|>").ids)
    with pytest.raises(StageError, match=said) as refused:
        check_delimiters(thinking, tokenizer, field="dataset.thinking", ends=ends)
    assert refused.value.exit_class == "configuration"


def test_a_line_break_that_a_tokenizer_joins_with_a_delimiter_is_to_be_a_part_of_it() -> None:
    qwen = qwen_tokenizer()
    for thinking, said in (
        (delimiters("<think>", "</think>"), r"x\.start is '<think>', whose last token .*: '<think>\\n'\."),
        (delimiters("<think>\n", "</think>"), r"x\.answerStart is '</think>', whose .*: '</think>\\n'\."),
    ):
        with pytest.raises(StageError, match=said) as refused:
            check_delimiters(thinking, qwen, field="x")
        assert refused.value.exit_class == "configuration"


def dataset(folder: Path, *traces: str) -> dict[str, Any]:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps({**ROW, "trace": trace}) + "\n" for trace in traces))
    tags = {"start": TAGS.start, "end": TAGS.end, "answerStart": TAGS.answer_start}
    return {
        "recipe.dataset.source": {"kind": "file", "path": str(path)},
        "recipe.dataset.thinking": {**tags, "finalAnswer": TAGS.final_answer},
    }


def test_prepare_writes_the_delimiters_of_the_recipe(tmp_path: Path) -> None:
    of = job(tmp_path, "prepare", dataset(tmp_path, "one", "two"))
    prepare(of)
    tokenizer = load_tokenizer(of.work / "data" / "tokenizer")
    texts = [tokenizer.decode(open_store(of.work / "data").tokens(at).tolist()) for at in range(2)]
    assert all("assistant\n<think>\n" in text and "\n</think>\n\nAnswer: one" in text for text in texts)


def test_a_trace_that_holds_a_delimiter_is_refused_with_its_count_and_place(tmp_path: Path) -> None:
    changes = dataset(tmp_path, "one", "two </think> three", "<think>\nfour", "five")
    with pytest.raises(StageError) as refused:
        prepare(job(tmp_path, "prepare", changes))
    assert refused.value.exit_class == "data"
    assert "2 of 4 traces hold a delimiter" in refused.value.message
    assert "rows.jsonl:2: </think>; " in refused.value.message and ":3: <think>" in refused.value.message
    assert not (tmp_path / "work" / "data").exists()


def test_a_plan_reads_of_them_before_anything_is_prepared(tmp_path: Path) -> None:
    changes = dataset(tmp_path, "one", "two </think> three")
    asked = {
        "source": changes["recipe.dataset.source"],
        "files": [{"name": "rows.jsonl", "path": str(tmp_path / "rows.jsonl")}],
        "fields": None,
        "systemPrompt": None,
        "thinking": changes["recipe.dataset.thinking"],
    }
    request: dict[str, Any] = {"model": {"scratch": True}, "dataset": asked, "sequenceLength": None}
    request["benchmarks"] = request["controls"] = []
    found = inspect(parse(Request, request, "request"))
    assert found["brokenRows"] == 1
    what = "has </think>, a delimiter of dataset.thinking, in its trace"
    assert found["broken"] == [{"file": "rows.jsonl", "line": 2, "what": what}]
    asked["thinking"] = {"start": "<|im_end|>", "end": "</think>", "finalAnswer": "So:"}
    with pytest.raises(StageError, match=r"dataset\.thinking\.start is '<\|im_end\|>'"):
        inspect(parse(Request, request, "request"))


def test_what_is_put_in_place_of_an_end_holds_no_control_token_of_the_tokenizer(tmp_path: Path) -> None:
    def asked(text: str) -> dict[str, Any]:
        control = {"kind": "wait", "times": 1, "text": text, "maxThinkingTokens": 9}
        none = {"source": None, "files": None, "fields": None, "systemPrompt": None}
        request = {"model": {"scratch": True}, "dataset": none, "sequenceLength": None, "benchmarks": []}
        return inspect(parse(Request, {**request, "controls": [control]}, "request"))

    assert asked("Wait, <thinking> im_end")["benchmarks"] == []
    for text in ("<|endoftext|>", "Wait<|im_end|>\n"):
        with pytest.raises(StageError, match="a control token of this model's tokenizer") as refused:
            asked(text)
        assert refused.value.exit_class == "configuration"
    section = evaluation()["recipe.evaluation"]
    wait = {"kind": "wait", "times": 1, "maxThinkingTokens": 9}
    held = {**section, "controls": [{**wait, "text": "<|endoftext|>"}]}
    with pytest.raises(StageError, match=r"has the text '<\|endoftext\|>'"):
        prepare(job(tmp_path, "prepare", {**dataset(tmp_path, "one"), "recipe.evaluation": held}))


def test_steps_and_waits_that_do_not_go_with_the_delimiters_are_refused(tmp_path: Path) -> None:
    section = evaluation()["recipe.evaluation"]
    for control, said in (
        ({"kind": "step", "steps": 4, "maxThinkingTokens": 9}, r"controls\[0\] counts steps down"),
        (
            {"kind": "wait", "times": 1, "text": "a</think>", "maxThinkingTokens": 9},
            r"controls\[0\]\.text is",
        ),
        (
            {"kind": "wait", "times": 1, "text": "<|im_end|>", "maxThinkingTokens": 9},
            r"controls\[0\]\.text is '<\|im_end\|>', which holds <\|im_end\|>",
        ),
    ):
        with pytest.raises(StageError, match=said):
            parse_settings({**section, "controls": [control]}, TAGS)
    assert parse_settings(section, TAGS).controls[0] == Control("budget", 4)
    changes = {**dataset(tmp_path, "one\n\ntwo"), "recipe.dataset.condition": "step"}
    with pytest.raises(StageError, match=r"dataset\.condition is step"):
        prepare(job(tmp_path, "prepare", changes))
