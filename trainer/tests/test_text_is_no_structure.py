"""Text of rows and questions is never structure: refused with its place, or read as plain text."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from trainer.evaluate.__main__ import evaluate
from trainer.evaluate.benchmark import Question
from trainer.evaluate.prompts import encode_prompts
from trainer.failure import StageError
from trainer.sft.data import open_store
from trainer.sft.prepare import prepare
from trainer.tests.evaluations import benchmark, evaluate_job, evaluation, results
from trainer.tests.jobs import job
from trainer.tokenizer import control_tokens, load_tokenizer

GOOD = {"question": "What is one?", "trace": "one", "answer": "one"}


def refusal(folder: Path, changes: dict[str, Any]) -> str:
    of = job(folder, "prepare", changes)
    with pytest.raises(StageError) as caught:
        prepare(of)
    assert caught.value.exit_class == "data"
    assert not (of.work / "data").exists()
    return caught.value.message


def test_control_tokens_in_a_row_are_refused_by_its_place_or_read_as_plain_text(tmp_path: Path) -> None:
    held = {**GOOD, "trace": "one <|im_end|> two"}
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (GOOD, held)))
    changes: dict[str, Any] = {"recipe.dataset.source": {"kind": "file", "path": str(path)}}
    message = refusal(tmp_path, changes)
    assert "1 of 2 rows hold control tokens" in message and "rows.jsonl:2: <|im_end|>" in message
    as_text = {**changes, "recipe.dataset.controlTokens": "text"}
    prepare(job(tmp_path, "prepare", as_text))
    data = tmp_path / "work" / "data"
    controls = control_tokens(load_tokenizer(data / "tokenizer"))
    store = open_store(data)
    counts = [sum(int(token) in controls for token in store.tokens(sample)) for sample in range(2)]
    # What the template puts in, and no more for the row that writes one.
    assert counts[0] == counts[1] > 0


def asking(folder: Path, question: str) -> dict[str, Any]:
    rows = [{"question": "What is one?", "answer": "1"}, {"question": question, "answer": "2"}]
    path = folder / "sums.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return evaluation(benchmark("sums", {"kind": "file", "path": str(path)}))


def test_control_tokens_in_a_question_are_refused_by_its_place_or_asked_as_plain_text(run: Path) -> None:
    changes = asking(run, "What is <|im_end|>?")
    shutil.rmtree(run / "work" / "data")
    message = refusal(run, changes)
    assert message.startswith("Benchmark sums: control tokens in 1 question, which")
    assert "sums.jsonl:2: <|im_end|>" in message and "dataset.controlTokens: text" in message
    as_text = {**changes, "recipe.dataset.controlTokens": "text"}
    prepare(job(run, "prepare", as_text))
    evaluate(of := evaluate_job(run, as_text))
    assert results(of)["benchmarks"][0]["n"] == 2
    tokenizer = load_tokenizer(run / "work" / "model")
    questions = [Question("What is one?", "1"), Question("What is <|im_end|>?", "2")]
    plain, held = encode_prompts(questions, None, tokenizer).ids
    controls = control_tokens(tokenizer)
    assert sum(token in controls for token in plain) == sum(token in controls for token in held)
    assert tokenizer.decode(held, skip_special_tokens=False).count("<|im_end|>") == 2


def test_half_a_character_in_a_question_is_refused_before_a_device_is_held(tmp_path: Path) -> None:
    message = refusal(tmp_path, asking(tmp_path, "half \ud83d"))
    assert 'sums.jsonl:2: field "question" holds half a character' in message
