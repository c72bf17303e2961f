"""Files as people have them, read row by row."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainer.failure import StageError
from trainer.inputs import digest_of
from trainer.rows.read import BrokenRow, Row, read_rows
from trainer.rows.text import field_text

ROWS: list[dict[str, Any]] = [
    {"question": f"q{number}\u2028 ü", "answer": str(number)} for number in range(3)
]


def found(path: Path) -> list[Row | BrokenRow]:
    return list(read_rows(path.name, path))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "array.json", "a.jsonl.gz", "a.json.gz", "a.parquet"])
def test_the_same_rows_are_read_from_every_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\r\n" for row in ROWS)
    content = json.dumps(ROWS, indent=1) if name == "array.json" else lines
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    else:
        data = content.encode("utf-8-sig")
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    rows = found(path)
    assert [row.value for row in rows if isinstance(row, Row)] == ROWS
    assert [row.number for row in rows] == ([2, 6, 10] if name == "array.json" else [1, 2, 3])


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b'{"a": ', "is not JSON"),
        (b'{"a": 1, "a": 2}', "has the field 'a' twice"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"a": ' + b"1" * 5_000 + b"}", "more digits than can be read"),
        (b'{"a": "b', "no closing quote, at character 7"),
        (b'{"a": "\x1b[31m"}', "a control character stands in a text"),
        (b'{"a": "\\q"}', "a backslash begins no escape"),
        (b'{"a" 1}', "a colon is missing"),
        (b'{"a": 1 "b": 2}', "a comma or a closing bracket is missing"),
        (b"{'a': 1}", "a name in double quotes is missing"),
        (b'{"a": 1,}', "is not JSON ("),
        (b'{"a": 1} {}', "something stands behind the end"),
        (b'{"a": None}', "none that JSON knows"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_by_its_line_and_the_next_one_follows(
    tmp_path: Path, line: bytes, what: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n\n' + line + b'\n{"a": 2}\n')
    first, broken, last = found(path)
    assert isinstance(broken, BrokenRow) and (broken.number, what in broken.what) == (3, True)
    assert not re.search("Expecting|delimiter|Invalid|Illegal|Exceeds|sys\\.", broken.what)
    assert isinstance(first, Row) and isinstance(last, Row) and last.number == 4


def test_an_array_that_is_cut_off_gives_its_rows_and_says_where_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[\n{"a": 1},\n{"a": 2}\n')
    *rows, broken = found(path)
    assert len(rows) == 2 and isinstance(broken, BrokenRow) and "not closed" in broken.what
    path.write_text('[\n{"a": 1},\n{"a": \n]')
    assert str(found(path)[-1]).startswith("a.json:3: is not JSON")


def test_objects_over_several_lines_each_are_rows_by_the_line_on_which_they_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    one = json.dumps({"question": "2?", "answer": ["a\n{", 2]}, indent=2)
    path.write_text(f"\n{one}\n")
    assert [(row.number, row.value["answer"]) for row in found(path) if isinstance(row, Row)] == [
        (2, ["a\n{", 2])
    ]
    path.write_text(f"{one}\n{one}{one}\n\n{{\n'no'}}\n{one}")
    *rows, broken = found(path)
    assert [row.number for row in rows] == [1, 8, 14]
    assert str(broken).startswith("a.json:22: is not JSON (a name in double quotes")
    assert str(broken).endswith("nothing behind it can be read")


def test_lines_of_which_the_first_is_cut_are_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": \n{"a": 2}\n{"a": 3}\n')
    broken, *rows = found(path)
    assert isinstance(broken, BrokenRow) and broken.number == 1
    assert [row.number for row in rows] == [2, 3]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 1000)[:-20], "a.jsonl.gz is cut off"),
        ("a.jsonl.gz", b'{"a": 1}\n', "a.jsonl.gz is not compressed with gzip"),
        ("a.json.gz", gzip.compress(b"[]")[:-8] + b"\0" * 8, "a.json.gz is damaged"),
        ("a.jsonl.gz", b"\x1f\x8b\xff" + b"0" * 20, "a.jsonl.gz is damaged"),
        ("a.parquet", b"", "a.parquet cannot be read as Parquet: it is empty"),
        ("a.parquet", b"PAR1", "it is cut off"),
        ("a.parquet", b"PAR1" + b"x" * 20, "it is cut off"),
        ("a.parquet", b"PK\3\4 and more", "it does not begin as Parquet does"),
        ("a.parquet", b"PARE" + b"x" * 20 + b"PARE", "it is encrypted"),
        ("a.parquet", b"PAR1" + b"x" * 20 + b"PAR1", "it is damaged in what it says of itself"),
        ("a.csv", b'a,b\n"1,2\n', "it has a text in double quotes without its closing quote"),
        ("a.csv", b'a,b\n"1"2,3\n', "it has something other than a comma behind a closing quote"),
        ("a.csv", b"a,b\n\xff,3\n", "it is not UTF-8"),
        ("a.json", b"[\xff]", "not UTF-8"),
        ("a.jsonl", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer"),
        ("a.tsv", b"a\tb\n", "is of no kind that can be read"),
    ],
)
def test_what_is_no_file_of_its_kind_is_refused_by_its_name(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StageError) as caught:
        found(tmp_path / name)
    assert said in caught.value.message
    assert caught.value.where is not None and caught.value.where.startswith(name)
    # None of it is what a library says to who programs with it.
    assert not re.search(
        r"[Pp]arquet file|magic|thrift|Not a gzipped|marker|Error -|\.\. ", caught.value.message
    )


def test_a_value_that_python_cannot_hold_costs_its_row_only_where_a_sample_needs_it(tmp_path: Path) -> None:
    columns = {
        "question": pa.array(["q"]),
        "year": pa.array([2**60], pa.timestamp("us")),
        "nanosecond": pa.array([1], pa.timestamp("ns")),
        "clock": pa.array([1], pa.time64("ns")),
        "zone": pa.array([1], pa.timestamp("us", tz="Mars/Base")),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    [row] = found(tmp_path / "a.parquet")
    assert isinstance(row, Row) and row.value["question"] == "q"
    with pytest.raises(ValueError, match="is a value that cannot be read, expected text"):
        field_text(row.value, "year")


def test_two_columns_of_one_name_are_refused_in_parquet_as_in_csv(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["question", "question"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(StageError, match="has the field 'question' twice"):
        found(tmp_path / "a.parquet")


def test_a_digest_of_several_files_is_that_of_what_sha256sum_prints_of_them() -> None:
    one, two = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    assert digest_of([("data/a.jsonl", one)]) == one
    both = digest_of([("data/x/b.jsonl", two), ("data/a.jsonl", one)])
    assert both == digest_of([("a.jsonl", one), ("x/b.jsonl", two)])
    printed = f"{'1' * 64}  a.jsonl\n{'2' * 64}  x/b.jsonl\n"
    assert both == "sha256:" + hashlib.sha256(printed.encode()).hexdigest()
