"""Repositories of a hub, fetched by the real client from a server that speaks the hub's protocol."""

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.model_files import fetch_model
from trainer.rows.source import Surroundings
from trainer.sft.prepare import prepare
from trainer.tests.evaluations import benchmark, evaluation, pretrained
from trainer.tests.hub_runs import COMMIT, OLDER, answers, refusal, source
from trainer.tests.hub_server import Hub, Repository, running
from trainer.tests.jobs import events, job


def test_a_split_of_a_repository_is_fetched_shard_by_shard_and_nothing_else_is(
    hub: Hub, tmp_path: Path
) -> None:
    assert answers(tmp_path, source(config="sums")) == ["one", "two", "three"]
    fetched = sorted(path.rpartition("/")[2] for path in hub.downloads())
    assert fetched == ["README.md", "train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]
    progress = [event for event in events(job(tmp_path, "prepare", source())) if event["event"] == "progress"]
    assert [(each["done"], each["total"]) for each in progress if each["what"] == "files fetched"] == [
        (0, 2),
        (1, 2),
        (2, 2),
    ]


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (source(config="words"), ["five", "six"]),
        (source(config="sums", split="test"), ["four"]),
        (source(revision=OLDER), ["seven"]),
        (source(revision="unpinned", config="words"), ["five", "six"]),
    ],
)
def test_configuration_split_and_revision_are_told_exactly(
    tmp_path: Path, of: dict[str, Any], expected: list[str]
) -> None:
    assert answers(tmp_path, of) == expected


def test_what_was_fetched_is_read_again_without_the_hub(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    expected = answers(tmp_path / "first", source(revision="unpinned", config="sums"))
    asked = len(hub.seen)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert answers(tmp_path / "second", source(revision="unpinned", config="sums")) == expected
    assert answers(tmp_path / "third", source(config="sums")) == expected
    assert len(hub.seen) == asked
    kind, message = refusal(tmp_path, source(config="words"))
    assert kind == "missing-input" and "words/part-" in message


def test_a_second_run_on_a_machine_fetches_no_file_again(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    answers(tmp_path / "first", source(config="sums"))
    before = hub.downloads()
    answers(tmp_path / "second", source(config="sums"))
    assert hub.downloads() == before


def test_a_hub_that_is_away_is_done_without_where_the_files_are_here_and_is_tried_again_where_not(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    expected = answers(tmp_path / "first", source(config="sums"))
    hub.status = 503
    assert answers(tmp_path / "third", source(config="sums")) == expected
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert answers(tmp_path / "second", source(config="sums")) == expected
    said = [
        event["message"] for event in events(job(tmp_path / "second", "prepare")) if event["event"] == "note"
    ]
    assert any("cannot be asked" in message and "is read from" in message for message in said)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "empty"))
    kind, message = refusal(tmp_path, source())
    assert kind == "infrastructure"
    assert (
        message.startswith("The hub http://127.0.0.1:9 cannot be reached")
        and "is not here: looked in" in message
    )


def test_a_token_is_sent_to_the_hub_and_to_nobody_else(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A secret that was made with `echo` ends in a line's end.
    monkeypatch.setenv("HF_TOKEN", f"{hub.token}\n")
    assert answers(tmp_path, source("org/gated")) == ["one"]
    tokens = {each.token for each in hub.seen if each.path.startswith("/storage/")}
    assert tokens == {None}
    assert {each.token for each in hub.seen if not each.path.startswith("/storage/")} == {hub.token}
    for path in (tmp_path / "work").rglob("*"):
        assert not path.is_file() or hub.token.encode() not in path.read_bytes(), path


@pytest.mark.usefixtures("hub")
def test_a_model_is_fetched_with_the_files_that_later_stages_read_and_no_other(
    tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    others = {"pytorch_model.bin": b"x", "README.md": b"x", "onnx/model.onnx": b"x"}
    models = {"org/model": Repository({COMMIT: {**files, **others}}, kind="models")}
    with running(models) as other:
        monkeypatch.setenv("HF_ENDPOINT", other.url)
        of = job(tmp_path, "prepare", pretrained("org/model"))
        prepare(of)
        fetched = {path.rpartition("/")[2] for path in other.downloads()}
        assert fetched == {name for name in files if name != "manifest.json"}
    figures = json.loads((of.work / "data" / "prepared.json").read_text())
    assert figures["inputs"]["model"]["name"] == "org/model"
    folder = fetch_model(of.spec, Surroundings(of.work, print, lambda _done, _all: None, online=False))
    assert (folder / "model.safetensors").read_bytes() == files["model.safetensors"]


@pytest.mark.usefixtures("hub")
def test_a_benchmark_is_fetched_in_prepare_too(tmp_path: Path) -> None:
    asked = {
        "kind": "huggingface",
        "repository": "org/set",
        "revision": COMMIT,
        "config": "words",
        "split": "train",
    }
    of = job(tmp_path, "prepare", {**source(config="sums"), **evaluation(benchmark("words", asked))})
    prepare(of)
    figures = json.loads((of.work / "data" / "prepared.json").read_text())
    assert figures["benchmarks"][0]["rows"] == 2
