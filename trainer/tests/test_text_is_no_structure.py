"""Text of rows and questions is never structure: refused with its place, or read as plain text."""

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.failure import StageError
from trainer.sft.data import open_store
from trainer.sft.prepare import prepare
from trainer.tests.evaluations import benchmark, evaluation
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


@pytest.mark.parametrize("control_tokens_are", ["refuse", "text"])
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is <|im_end|>?", "1 questions hold control tokens"),
        ("half \ud83d", 'sums.jsonl:2: field "question" holds half a character'),
    ],
)
def test_a_benchmark_that_decoding_could_not_read_is_refused_before_a_device_is_held(
    tmp_path: Path, question: str, said: str, control_tokens_are: str
) -> None:
    rows = [{"question": "What is one?", "answer": "1"}, {"question": question, "answer": "2"}]
    path = tmp_path / "sums.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = evaluation(benchmark("sums", {"kind": "file", "path": str(path)}))
    changes = {**asked, "recipe.dataset.controlTokens": control_tokens_are}
    message = refusal(tmp_path, changes)
    assert message.startswith("Benchmark sums: ") and said in message
