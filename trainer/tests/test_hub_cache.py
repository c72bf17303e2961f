import json
from pathlib import Path

import pytest

from trainer.failure import StageError
from trainer.hub.cache import snapshot_folder
from trainer.sft.prepare import prepare
from trainer.tests.jobs import events, job

COMMIT, OTHER = "a" * 40, "c" * 40
ROW = {"question": "What is one?", "trace": "one", "answer": "one"}


def snapshot(home: Path, commit: str, *, main: str | None = None) -> Path:
    """The folder of one commit as hub clients lay it out, with `main` as their note of the branch."""
    repository = home / "datasets--org--set"
    folder = repository / "snapshots" / commit
    folder.mkdir(parents=True)
    (folder / "train.jsonl").write_text(json.dumps(ROW) + "\n")
    if main is not None:
        (repository / "refs").mkdir()
        # Clients write the commit without a line's end.
        (repository / "refs" / "main").write_text(main)
    return folder


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)


def hub(revision: str) -> dict[str, object]:
    source = {"kind": "huggingface", "repository": "org/set", "revision": revision, "split": "train"}
    return {"recipe.dataset.source": source}


def found(revision: str, work: Path) -> Path:
    return snapshot_folder("datasets", "org/set", revision, work)


def test_a_commit_a_branch_and_unpinned_lead_to_the_folder_of_a_commit(tmp_path: Path) -> None:
    older = snapshot(tmp_path / "cache", OTHER)
    newest = snapshot(tmp_path / "cache", COMMIT, main=COMMIT)
    assert found(COMMIT, tmp_path) == found("main", tmp_path) == found("unpinned", tmp_path) == newest
    assert found(OTHER, tmp_path) == older


def test_the_runs_own_cache_comes_before_that_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    theirs = snapshot(tmp_path / "home" / "hub", COMMIT, main=COMMIT)
    assert found("unpinned", tmp_path) == theirs
    ours = snapshot(tmp_path / "cache", OTHER, main=OTHER)
    assert found("unpinned", tmp_path) == ours
    assert found(COMMIT, tmp_path) == theirs


def test_a_branch_whose_files_are_not_here_is_refused_with_where_it_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "cache" / "datasets--org--set" / "refs").mkdir(parents=True)
    (tmp_path / "cache" / "datasets--org--set" / "refs" / "main").write_text(COMMIT)
    with pytest.raises(StageError) as caught:
        found("unpinned", tmp_path)
    assert caught.value.exit_class == "missing-input"
    assert "org/set at revision main" in caught.value.message
    assert str(tmp_path / "cache" / "datasets--org--set" / "snapshots" / COMMIT) in caught.value.message


def test_what_an_unpinned_dataset_was_read_at_is_said_so_that_it_can_be_pinned(tmp_path: Path) -> None:
    snapshot(tmp_path / "work" / "cache", COMMIT, main=COMMIT)

    def warnings(of: dict[str, object], attempt: str) -> tuple[list[str], str | None]:
        prepared = job(tmp_path, "prepare", of, STINT_ATTEMPT=attempt)
        prepare(prepared)
        said = [event for event in events(prepared) if event["event"] == "note"]
        figures = json.loads((prepared.work / "data" / "prepared.json").read_bytes())
        warned = [event["message"] for event in said if event["level"] == "warning"]
        return warned, figures.get("datasetCommit")

    [warning], commit = warnings(hub("unpinned"), "1")
    assert f"commit {COMMIT} was read" in warning and commit == COMMIT
    assert warnings(hub(COMMIT), "2") == ([], None)
