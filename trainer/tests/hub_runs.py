"""Small repositories of a hub for tests, and prepare stages that read them."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from trainer.failure import StageError
from trainer.sft.prepare import prepare
from trainer.tests.hub_server import Repository
from trainer.tests.jobs import job

COMMIT, OLDER = "a" * 40, "b" * 40
HEADER = b"""---
configs:
- config_name: sums
  data_files: [{split: train, path: sums/train-*}, {split: test, path: sums/test-*}]
- config_name: words
  data_files: [{split: train, path: words/part-*}]
---
"""


def rows(*answers: str) -> list[dict[str, str]]:
    return [{"question": f"What is {each}?", "trace": each, "answer": each} for each in answers]


def parquet(*answers: str) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows(*answers)), file)
    return file.getvalue()


def lines(*answers: str) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows(*answers)).encode()


REPOSITORIES = {
    "org/set": Repository(
        {
            COMMIT: {
                "README.md": HEADER,
                ".gitattributes": b"*.parquet filter=lfs\n",
                "constraints.json": b'{"no": "row"}',
                "sums/train-00000-of-00002.parquet": parquet("one", "two"),
                "sums/train-00001-of-00002.parquet": parquet("three"),
                "sums/test-00000-of-00001.parquet": parquet("four"),
                "words/part-0.jsonl": lines("five", "six"),
            },
            OLDER: {"train.jsonl": lines("seven"), "constraints.json": b'{"no": "row"}'},
        },
        branches={"main": COMMIT},
    ),
    "org/gated": Repository({COMMIT: {"train.parquet": parquet("one")}}, gated=True),
    "org/private": Repository({COMMIT: {"train.jsonl": lines("one")}}, private=True),
}


def source(repository: str = "org/set", revision: str = COMMIT, **more: str) -> dict[str, Any]:
    given = {"kind": "huggingface", "repository": repository, "revision": revision, "split": "train"}
    return {"recipe.dataset.source": {**given, **more}}


def answers(folder: Path, changes: dict[str, Any]) -> list[str]:
    folder.mkdir(exist_ok=True)
    of = job(folder, "prepare", changes)
    prepare(of)
    return [json.loads(line)["answer"] for line in (of.work / "data" / "records.jsonl").open()]


def refusal(folder: Path, changes: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(StageError) as refused:
        prepare(job(folder, "prepare", changes))
    assert not (folder / "work" / "data").exists()
    return refused.value.exit_class, refused.value.message
