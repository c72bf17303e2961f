import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from trainer import manifest
from trainer.failure import StageError
from trainer.model_files import model_digest
from trainer.sft.data import open_store
from trainer.sft.prepare import prepare
from trainer.tests.evaluations import pretrained
from trainer.tests.jobs import events, inputs_of, job, specification

GOOD = {"question": "What is one?", "trace": "one", "answer": "one"}


def prepared(folder: Path, changes: dict[str, Any]) -> dict[str, Any]:
    of = job(folder, "prepare", changes)
    prepare(of)
    figures: dict[str, Any] = json.loads((of.work / "data" / "prepared.json").read_text())
    return figures


def from_file(folder: Path, *lines: str, **more: Any) -> dict[str, Any]:
    path = folder / "rows.jsonl"
    path.write_text("".join(line + "\n" for line in lines))
    return {"recipe.dataset.source": {"kind": "file", "path": str(path), **more}}


def refusal(folder: Path, changes: dict[str, Any], exit_class: str = "data") -> str:
    of = job(folder, "prepare", changes)
    with pytest.raises(StageError) as caught:
        prepare(of)
    assert caught.value.exit_class == exit_class
    assert not (of.work / "data").exists()
    return caught.value.message


def test_figures_agree_with_the_store_the_rows_and_the_digests(tmp_path: Path) -> None:
    figures = prepared(tmp_path, {})
    folder = tmp_path / "work" / "data"
    store = open_store(folder)
    assert (figures["lengths"], figures["labels"]) == (store.lengths, store.num_labels)
    assert (figures["samples"], figures["steps"], figures["warmupSteps"]) == (20, 6, 2)
    rows = (folder / "rows.jsonl").read_bytes()
    assert len(rows.splitlines()) == 6
    assert figures["rows"] == "sha256:" + hashlib.sha256(rows).hexdigest()
    assert figures["longest"] == max(figures["lengths"])
    listed = manifest.read(folder)
    assert listed is not None and listed["stage"] == "prepare"
    assert manifest.damage(folder, listed["files"]) is None


def test_the_rows_do_not_depend_on_the_number_of_ranks_and_a_second_run_has_nothing_to_do(
    tmp_path: Path,
) -> None:
    one = prepared(tmp_path, {})
    many = {"world": {"nodes": 2, "devicesPerNode": 8}}
    assert prepared(tmp_path, many)["rows"] == one["rows"]
    prepare(job(tmp_path, "prepare", many, STINT_ATTEMPT="2"))
    [note] = events(job(tmp_path, "prepare", many, STINT_ATTEMPT="2"))
    assert "nothing to do" in note["message"]


def test_over_length_samples_are_refused_dropped_or_cut_as_chosen(tmp_path: Path) -> None:
    whole = prepared(tmp_path, {})
    limit = sorted(whole["lengths"])[10]
    num_over = sum(length > limit for length in whole["lengths"])
    shorter = {"recipe.training.sequenceLength": limit}
    (tmp_path / "refused").mkdir()
    message = refusal(tmp_path / "refused", shorter)
    assert f"{num_over} of 20 samples" in message and f"has {whole['longest']} tokens" in message
    assert "running-digit-1-" in message
    dropped = prepared(tmp_path, {**shorter, "recipe.dataset.overLength": "drop"})
    assert (dropped["dropped"], dropped["samples"], dropped["truncated"]) == (num_over, 20 - num_over, 0)
    assert max(dropped["lengths"]) <= limit
    cut = prepared(tmp_path, {**shorter, "recipe.dataset.overLength": "truncate"})
    assert cut["lengths"] == [min(length, limit) for length in whole["lengths"]]
    assert (cut["truncated"], cut["longest"]) == (num_over, whole["longest"])


def test_a_sample_cut_inside_its_prompt_is_refused(tmp_path: Path) -> None:
    message = refusal(
        tmp_path, {"recipe.training.sequenceLength": 9, "recipe.dataset.overLength": "truncate"}
    )
    assert "20 samples have no labels left" in message and "running-digit-1-0" in message


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (
            '{"question": "q", "trace": "t"}',
            ':2: field "answer" is missing (there are: question, trace)',
        ),
        ('{"question": "q", "trace": "t", "answer": "  "}', 'rows.jsonl:2: field "answer" is empty'),
        (
            '{"question": "q", "trace": "t", "answer": 7}',
            ':2: field "answer" is a number, expected text',
        ),
        (
            '{"question": "half \\ud83d", "trace": "t", "answer": "a"}',
            'rows.jsonl:2: field "question" holds half a character (\\ud83d, character 6 of the text)',
        ),
        ('["q"]', "rows.jsonl:2: a record is an object, this is a list"),
        ('{"question": ', "rows.jsonl:2: is not JSON"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_file_line_and_field(
    tmp_path: Path, bad: str, text: str
) -> None:
    message = refusal(tmp_path, from_file(tmp_path, json.dumps(GOOD), bad))
    assert text in message and "rows.jsonl" in message


def test_fields_may_have_other_names_and_a_trace_may_be_in_parts_as_in_s1k(tmp_path: Path) -> None:
    row = {"q": "What?", "thinking_trajectories": ["one", "two"], "attempt": "three"}
    fields = {"question": "q", "trace": "thinking_trajectories", "answer": "attempt"}
    prepared(tmp_path, {**from_file(tmp_path, json.dumps(row)), "recipe.dataset.fields": fields})
    [record] = (tmp_path / "work" / "data" / "records.jsonl").read_text().splitlines()
    assert json.loads(record)["trace"] == "one\ntwo"


def test_a_source_that_is_missing_empty_or_another_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    absent = {"recipe.dataset.source": {"kind": "file", "path": "absent.jsonl"}}
    assert "The dataset absent.jsonl is not there" in refusal(tmp_path, absent, "missing-input")
    assert "holds no records" in refusal(tmp_path, from_file(tmp_path, ""))
    other = from_file(tmp_path, json.dumps(GOOD), sha256="sha256:" + "0" * 64)
    assert "is not the file that the run began with" in refusal(tmp_path, other)
    hub = {"kind": "huggingface", "repository": "org/set", "revision": "a" * 40, "split": "train"}
    message = refusal(tmp_path, {"recipe.dataset.source": hub}, "missing-input")
    assert f"datasets--org--set/snapshots/{'a' * 40}" in message


def test_files_that_only_the_stages_see_are_read_from_their_absolute_paths(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "README.md"):
        (tmp_path / "volume").mkdir(exist_ok=True)
        (tmp_path / "volume" / name).write_text(json.dumps({**GOOD, "id": name}) + "\n")
    nothing: dict[str, Any] = {"model": None, "dataset": [], "benchmarks": []}
    for number, path in enumerate((f"{tmp_path}/volume", f"{tmp_path}/volume/*.jsonl")):
        source = {"kind": "file", "path": path}
        of = job(
            tmp_path,
            "prepare",
            {"recipe.dataset.source": source, "inputs": nothing},
            STINT_ATTEMPT=str(number + 1),
        )
        prepare(of)
        lines = (of.work / "data" / "records.jsonl").read_text().splitlines()
        assert [json.loads(line)["id"] for line in lines] == ["a.jsonl", "b.jsonl"]
    absent = {"recipe.dataset.source": {"kind": "file", "path": "a.jsonl"}, "inputs": nothing}
    (tmp_path / "other").mkdir()
    assert "the run was not given it" in refusal(tmp_path / "other", absent, "missing-input")


def test_a_hub_snapshot_that_is_here_is_read(tmp_path: Path) -> None:
    snapshot = tmp_path / "work" / "cache" / "datasets--org--set" / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "train.jsonl").write_text(json.dumps(GOOD) + "\n")
    hub = {"kind": "huggingface", "repository": "org/set", "revision": "a" * 40, "split": "train"}
    assert prepared(tmp_path, {"recipe.dataset.source": hub})["samples"] == 1


def test_an_embedding_smaller_than_the_tokenizer_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"recipe.model.architecture.vocabularySize": 100}, "configuration")
    assert "vocabularySize is 100" in message


def test_no_torch_is_loaded(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    from trainer.tests.jobs import environment

    script = (
        "import sys; import trainer.prepare.__main__, trainer.entrypoint; sys.exit('torch' in sys.modules)"
    )
    variables = {**os.environ, **environment(tmp_path, "prepare")}
    assert subprocess.run([sys.executable, "-c", script], env=variables, check=False).returncode == 0


def test_what_decoding_will_take_is_told_of_every_benchmark(tmp_path: Path) -> None:
    questions = tmp_path / "held.jsonl"
    rows = [{"question": "one?" * times, "answer": "1"} for times in (1, 9, 3)]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    evaluation = {
        "benchmarks": [
            {
                "name": "held-out",
                "source": {"kind": "file", "path": str(questions)},
                "fields": {"question": "question", "answer": "answer"},
                "grader": "integer",
            }
        ],
        "controls": [{"kind": "budget", "maxThinkingTokens": 4}],
        "maxAnswerTokens": 4,
        "temperature": 0,
        "seed": 1,
        "batch": 8,
    }
    (found,) = prepared(tmp_path, {"recipe.evaluation": evaluation})["benchmarks"]
    (tmp_path / "other").mkdir()
    (longer,) = prepared(
        tmp_path / "other", {"recipe.evaluation": evaluation, "recipe.dataset.systemPrompt": "Be brief."}
    )["benchmarks"]
    assert (found["name"], found["rows"]) == ("held-out", 3)
    assert found["longestPromptTokens"] > 9
    assert longer["longestPromptTokens"] > found["longestPromptTokens"]


def test_a_model_that_has_changed_since_it_was_planned_is_refused(tmp_path: Path, exported: Path) -> None:
    changes = {**pretrained(str(exported)), "inputs": inputs_of(specification()["recipe"])}

    def planned(digest: str | None) -> dict[str, Any]:
        given = {"name": "mine", "path": str(exported), "sha256": digest}
        return {**changes, "inputs": {**changes["inputs"], "model": given}}

    message = refusal(tmp_path, planned("sha256:" + "0" * 64))
    assert message.startswith("The model mine is not what the run was planned with")
    right = model_digest(exported)
    assert right in message
    assert prepared(tmp_path, planned(right))["inputs"]["model"] == {"name": "mine", "sha256": right}
