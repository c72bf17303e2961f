"""`python -m trainer.inspect` as the control plane asks it."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trainer.evaluate.benchmark import Question
from trainer.evaluate.prompts import encode_prompts
from trainer.evaluate.settings import Control
from trainer.evaluate.told import instruction
from trainer.generate import tokenizer as own_tokenizer
from trainer.inspect.guess import guess_fields
from trainer.sft.template import Record, render
from trainer.tests.published import config
from trainer.thinking import S1
from trainer.tokenizer import load_tokenizer

ROW = {"question": "What is one?", "trace": "one one", "answer": "one"}
PUBLISHED = Path(__file__).parents[2].parent / "shared" / "data" / "marco-o1-traces.jsonl"
QWEN = Path(__file__).parents[2] / "node_modules" / "@lenml" / "tokenizer-qwen2_5" / "models"


def ask(cwd: Path, code: int = 0, **changes: Any) -> dict[str, Any]:
    files = changes.pop("files", ["rows.jsonl"])
    dataset = {
        "source": {"kind": "file", "path": files},
        "files": [{"name": name, "path": str(cwd / name)} for name in files],
        "fields": None,
        "template": "s1",
        "systemPrompt": None,
        "controlTokens": "refuse",
        **changes.pop("dataset", {}),
    }
    request = {"model": {"scratch": True}, "dataset": dataset, "sequenceLength": None, **changes}
    run = subprocess.run(
        [sys.executable, "-m", "trainer.inspect"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        input=json.dumps({"overLength": "refuse", "benchmarks": [], "controls": [], **request}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stderr
    assert all("done" in json.loads(line) for line in run.stderr.splitlines())
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def write(path: Path, *rows: Any) -> None:
    with gzip.open(path, "wt") if path.name.endswith(".gz") else path.open("w") as file:
        file.writelines((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def test_rows_lengths_duplicates_controls_and_broken_rows_are_counted_over_all_files(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", ROW, ROW, "{", {**ROW, "trace": ""})
    write(tmp_path / "b.jsonl.gz", {**ROW, "trace": "one <|im_end|>"}, {**ROW, "answer": "\ud83d"})
    asked = {"name": "b", "source": {"kind": "file", "path": "b"}, "fields": {"question": "q", "answer": "a"}}
    write(tmp_path / "bench.jsonl", {"q": "one?", "a": 1}, {"q": "one?", "a": "x"})
    files = [{"name": "bench.jsonl", "path": str(tmp_path / "bench.jsonl")}]
    answer = ask(
        tmp_path, files=["a.jsonl", "b.jsonl.gz"], benchmarks=[{**asked, "files": files, "grader": "integer"}]
    )
    assert (answer["rows"], answer["brokenRows"], answer["duplicates"], answer["controlTokens"]) == (
        6,
        3,
        1,
        1,
    )
    assert [(row["file"], row["line"]) for row in answer["broken"]] == [
        ("a.jsonl", 3),
        ("a.jsonl", 4),
        ("b.jsonl.gz", 2),
    ]
    [held] = answer["controlTokenRows"]
    assert (held["file"], held["line"], held["what"]) == ("b.jsonl.gz", 1, "holds <|im_end|>")
    own_tokenizer.build(tmp_path)
    tokenizer = load_tokenizer(tmp_path)
    told = Record("a", ROW["question"], ROW["trace"], ROW["answer"])
    prompt, target = render(told, None)
    ids = tokenizer.encode(prompt + target, add_special_tokens=False).ids
    assert answer["lengths"][:2] == [len(ids)] * 2
    assert answer["labels"][0] == len(tokenizer.encode(target, add_special_tokens=False).ids)
    assert answer["traceLengths"][0] == 2 and answer["questionAnswerTokens"] > 0
    [bench] = answer["benchmarks"]
    assert (bench["rows"], bench["brokenRows"], bench["broken"][0]["line"]) == (1, 1, 2)
    assert bench["longestPromptTokens"] > 0
    assert answer["inputs"]["dataset"]["sha256"].startswith("sha256:")


def test_samples_over_the_sequence_length_and_those_that_lose_all_labels_are_counted(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", ROW, {**ROW, "trace": "one " * 50}, {**ROW, "question": "one " * 50})
    answer = ask(tmp_path, sequenceLength=40, overLength="truncate")
    assert (answer["overLength"], answer["unlabelled"]) == (2, 1)
    assert answer["labels"][2] == 0 and 0 < answer["labels"][1] < 40


def test_of_an_evaluation_its_questions_and_its_model_are_looked_through(tmp_path: Path) -> None:
    write(tmp_path / "bench.jsonl", {"q": "one?", "a": 1}, {"q": "one?"})
    bench = {"name": "b", "source": {"kind": "file", "path": "b"}, "fields": {"question": "q", "answer": "a"}}
    files = [{"name": "bench.jsonl", "path": str(tmp_path / "bench.jsonl")}]
    asked: dict[str, Any] = {
        "benchmarks": [{**bench, "files": files, "grader": "exact"}],
        "dataset": {"source": None, "files": None},
    }
    answer = ask(tmp_path, **asked)
    assert (answer["rows"], answer["columns"], answer["lengths"], answer["damage"]) == (0, [], [], None)
    assert answer["inputs"]["dataset"] == {"name": "", "sha256": None}
    [found] = answer["benchmarks"]
    assert (found["rows"], found["brokenRows"], found["controlTokens"]) == (1, 1, 0) and found[
        "longestPromptTokens"
    ] > 0
    assert found["repeated"] == 0
    write(tmp_path / "bench.jsonl", *[{"q": "one?", "a": 1}] * 3, {"q": "two?", "a": 1})
    [again] = ask(tmp_path, **asked)["benchmarks"]
    assert (again["rows"], again["repeated"]) == (4, 2)
    write(tmp_path / "bench.jsonl", {"q": "one?", "a": 1}, {"q": "one?"})
    unmeasured = ask(tmp_path, **asked, model=None)["benchmarks"]
    assert unmeasured[0]["rows"] == 1 and unmeasured[0]["longestPromptTokens"] == 0
    write(tmp_path / "bench.jsonl", {"q": "one?", "a": 1}, {"q": "one <|im_end|>?", "a": 1})
    [held] = ask(tmp_path, **asked)["benchmarks"]
    assert (held["brokenRows"], held["controlTokens"]) == (0, 1)
    assert held["controlTokenRows"] == [{"file": "bench.jsonl", "line": 2, "what": "holds <|im_end|>"}]
    folder = tmp_path / "model"
    folder.mkdir()
    own_tokenizer.build(folder)
    (folder / "config.json").write_text(json.dumps(config("0.5B")))
    for model, damage in (
        ({"folder": str(folder)}, None),
        ({"folder": str(folder), "whole": True}, f"{folder} holds no weights"),
    ):
        told = ask(tmp_path, **asked, model=model)["damage"]
        assert told is None if damage is None else told.startswith(damage)


def test_prompts_are_measured_with_what_controls_tell_as_the_evaluate_stage_feeds_them(
    tmp_path: Path,
) -> None:
    write(tmp_path / "bench.jsonl", {"q": "one?", "a": 1}, {"q": "one and one?", "a": 2})
    source = {"kind": "file", "path": "bench.jsonl"}
    files = [{"name": "bench.jsonl", "path": str(tmp_path / "bench.jsonl")}]
    bench = {"name": "b", "source": source, "fields": {"question": "q", "answer": "a"}, "files": files}
    asked: dict[str, Any] = {
        "benchmarks": [{**bench, "grader": "integer"}],
        "dataset": {"source": None, "files": None},
    }
    long = {"kind": "class", "length": "long", "maxThinkingTokens": 8}
    own_tokenizer.build(tmp_path)
    tokenizer = load_tokenizer(tmp_path)
    for controls in ([], [long], [{"kind": "token", "tokens": 4096, "maxThinkingTokens": 8}, long]):
        [found] = ask(tmp_path, **asked, controls=controls)["benchmarks"]
        told = instruction(Control("class", 8, length="long")) if controls else ""
        [prompt] = encode_prompts([Question("one and one?" + told, "2")], None, tokenizer).ids
        assert found["longestPromptTokens"] == len(prompt)
        assert found["longestPromptTokens"] > (150 if controls else 0)
        need = [*tokenizer.encode(S1.start).ids, *tokenizer.encode("\n" + S1.before_answer + S1.forced).ids]
        assert found["delimiterTokens"] == len(need)
    [unmeasured] = ask(tmp_path, **asked, model=None, controls=[long])["benchmarks"]
    assert unmeasured["longestPromptTokens"] == 0 and "delimiterTokens" not in unmeasured


def test_what_cannot_be_read_at_all_is_an_answer_and_exit_code_2(tmp_path: Path) -> None:
    error = ask(tmp_path, code=2, files=["absent.jsonl"])["error"]
    assert error["class"] == "missing-input" and "absent.jsonl" in error["message"]
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 and nothing else")
    error = ask(tmp_path, code=2, files=["rows.parquet"])["error"]
    assert error["class"] == "data" and "rows.parquet cannot be read as Parquet" in error["message"]
    assert error["where"] == "rows.parquet"


def test_rows_without_fields_are_named_where_no_column_can_be_guessed(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('[1, 2]\n"text"\n5\nnull\ntrue\n')
    answer = ask(tmp_path, model=None)
    told = [row["what"].removeprefix("a record is an object, this is ") for row in answer["broken"]]
    assert told == ["a list", "text", "a number", "null", "true or false"]
    # No name of a column would help.
    assert (answer["brokenRows"], answer["columns"], answer["hints"]) == (5, [], [])


def test_a_column_of_the_name_that_is_sought_is_told_to_hold_no_text() -> None:
    hints = guess_fields([{"question": "q", "trace": "t", "answer": 5}]).hints
    assert hints[0] == "`answer` holds a number where the answer would be: write it as text."
    assert hints[1].startswith("No column was found for answer")
    assert guess_fields([{"question": "q", "trace": "t", "answer": "5", "output": 5}]).hints == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (ROW, ("question", "trace", "answer")),
        (
            {"solution": "s", "question": "q", "cot": None, "thinking_trajectories": ["a"], "attempt": "b"},
            ("question", "thinking_trajectories", "attempt"),
        ),
        (
            {
                "question": "q",
                "solution": "s",
                "gemini_attempt": "g",
                "deepseek_thinking_trajectory": "t",
                "deepseek_attempt": "a",
            },
            ("question", "deepseek_thinking_trajectory", "deepseek_attempt"),
        ),
        ({"Problem": "p", "reasoning": "r", "Response": "a"}, ("Problem", "reasoning", "Response")),
        ({"instruction": "i", "output": "o"}, ("instruction", None, "output")),
    ],
)  # fmt: skip
def test_fields_are_guessed_as_public_datasets_name_them(
    row: dict[str, Any], expected: tuple[str | None, ...]
) -> None:
    guess = guess_fields([row, row])
    assert (guess.question, guess.trace, guess.answer) == expected


def test_conversations_that_hold_no_thinking_are_told_with_what_to_do() -> None:
    for turns in ([{"role": "user", "content": "q"}], [{"who": "me", "says": "q"}]):
        guess = guess_fields([{"messages": turns}])
        assert "`messages`" in guess.hints[0]
        assert guess.trace is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"q": "a"}, "question, trace and answer: name them in"),
        ({"question": "a", "a": "b"}, "trace and answer: name them in"),
        ({"question": "a", "trace": "b", "c": "d"}, "answer: name it in"),
    ],
)
def test_columns_that_nobody_finds_are_told_with_where_to_name_them(row: dict[str, Any], told: str) -> None:
    [hint] = guess_fields([row]).hints
    assert hint.startswith(f"No column was found for {told} a recipe's dataset.fields")


def test_published_traces_are_measured_with_the_model_s_own_tokenizer(tmp_path: Path) -> None:
    if not PUBLISHED.is_file() or not (QWEN / "tokenizer.json").is_file():
        pytest.skip(f"{PUBLISHED} or {QWEN} is not there")
    answer = ask(tmp_path, files=[str(PUBLISHED)], model={"folder": str(QWEN)})
    assert answer["fields"] == {"question": "instruction", "trace": "response", "answer": "response"}
    assert len(answer["lengths"]) + answer["brokenRows"] == answer["rows"] == 125
    assert answer["tokenizer"]["vocabularySize"] == 151_665
