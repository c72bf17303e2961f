"""What a hub refuses, breaks off or sends wrongly, with the real client."""

from pathlib import Path
from typing import Any

import pytest

from trainer.tests.hub_runs import COMMIT, OLDER, REPOSITORIES, answers, refusal, source
from trainer.tests.hub_server import Hub


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("token", "of", "expected"),
    [
        (
            None,
            source("org/gated"),
            "org/gated is gated, and without a token one may not read it. Ask for access",
        ),
        (
            Hub.known,
            source("org/gated"),
            "org/gated is gated, and the token in HF_TOKEN may not read it. Ask",
        ),
        (
            "hf_wrong",
            source("org/gated"),
            "does not know the token in HF_TOKEN. Set HF_TOKEN to a token that may",
        ),
        (
            None,
            source("org/private"),
            "has no dataset org/private, or it is private and without a token one may",
        ),
        (Hub.known, source("org/private"), "org/private, or it is private and the token in HF_TOKEN may not"),
        (None, source("org/none"), "has no dataset org/none, or it is private"),
        (
            None,
            source(revision="c" * 40),
            f"has no dataset org/set at revision {'c' * 40}. Take a commit from",
        ),
        (
            None,
            source(revision=OLDER, split="test"),
            "has no split 'test'; its files are: constraints.json, train",
        ),
        (None, source(config="other"), "has no configuration 'other'; its README names sums, words"),
    ],
)
def test_each_refusal_is_a_sentence_that_says_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    token: str | None,
    of: dict[str, Any],
    expected: str,
) -> None:
    if token is not None:
        monkeypatch.setenv("HF_TOKEN", token)
    kind, message = refusal(tmp_path, of)
    assert kind == "missing-input"
    assert expected in message
    assert "\n" not in message and (token is None or token not in message)


def test_a_download_that_is_cut_goes_on_where_it_stood(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The client keeps whole chunks of what has come, of 10 MB unless told otherwise.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 50)
    hub.cuts["sums/train-00000-of-00002.parquet"] = [100, 50]
    assert answers(tmp_path, source(config="sums")) == ["one", "two", "three"]
    ranges = [
        each.range
        for each in hub.seen
        if each.method == "GET" and each.path.endswith("00000-of-00002.parquet")
    ]
    assert ranges == [None, "bytes=100-", "bytes=150-"]


def test_a_download_that_never_comes_whole_leaves_nothing_and_is_tried_again(
    hub: Hub, tmp_path: Path
) -> None:
    hub.cuts["sums/train-00001-of-00002.parquet"] = [0] * 20
    kind, message = refusal(tmp_path, source(config="sums"))
    assert kind == "infrastructure"
    assert "broke off while sums/train-00001-of-00002.parquet of org/set was fetched" in message
    cache = tmp_path / "work" / "cache" / "datasets--org--set"
    assert not list(cache.rglob("*train-00001*")) and not list(cache.rglob("*.incomplete"))


def test_other_bytes_than_the_digest_names_are_not_kept(hub: Hub, tmp_path: Path) -> None:
    at = "sums/train-00001-of-00002.parquet"
    right = REPOSITORIES["org/set"].commits[COMMIT][at]
    hub.wrong[at] = right[:-1] + b"?"
    kind, message = refusal(tmp_path, source(config="sums"))
    assert kind == "infrastructure" and "its sha256 is" in message
    hub.wrong.clear()
    assert answers(tmp_path, source(config="sums")) == ["one", "two", "three"]


@pytest.mark.usefixtures("hub")
def test_a_file_that_was_damaged_in_the_cache_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    answers(tmp_path / "first", source(config="sums"))
    [shard] = (tmp_path / "cache").rglob("train-00000-of-00002.parquet")
    blob = shard.resolve()
    blob.write_bytes(blob.read_bytes()[:-1])
    kind, message = refusal(tmp_path, source(config="sums"))
    assert kind == "data" and f"{shard} is damaged" in message and f"Delete {blob}" in message


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_is_out_of_order_is_tried_again(hub: Hub, tmp_path: Path, status: int) -> None:
    hub.status = status
    kind, message = refusal(tmp_path, source())
    assert kind == "infrastructure" and "is out of order for org/set" in message and str(status) in message


def test_what_is_no_hub_is_said_to_be_none(hub: Hub, tmp_path: Path) -> None:
    hub.status = 200
    kind, message = refusal(tmp_path, source())
    assert kind == "configuration" and "does not answer as a hub does" in message and "HF_ENDPOINT" in message
