"""Rows of CSV files, against the library that writes them."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.failure import StageError
from trainer.rows.read import BrokenRow, Row, read_rows

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20)


def read(path: Path) -> list[Row | BrokenRow]:
    return list(read_rows("a.csv", path))


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("Question", "Correct Answer"), *rows])
    found = [row.value for row in read(path) if isinstance(row, Row)]
    assert found == [{"Question": first, "Correct Answer": second} for first, second in rows]


def test_a_row_is_known_by_the_line_on_which_it_begins_and_a_short_one_does_not_end_the_reading(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfq,a\r\n"one\nline more",1\r\ntwo\r\n\r\nthree,3\r\n')
    assert read(path) == [
        Row("a.csv", 2, {"q": "one\nline more", "a": "1"}),
        BrokenRow("a.csv", 4, "has 1 values for the 2 fields of the first line"),
        Row("a.csv", 6, {"q": "three", "a": "3"}),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"q,q\n1,2\n", "names the field 'q' twice"),
        (b'q,a\n"one,2\n', "begins on line 2"),
        (b"q,a\n\xff,2\n", "is not UTF-8"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_place(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(StageError, match=words) as refused:
        read(path)
    assert refused.value.exit_class == "data"
