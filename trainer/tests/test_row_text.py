"""Numbers in the place of text: answers of benchmarks that are kept as such."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.rows.text import field_text, number_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (73, "73"),
        (73.0, "73"),
        (-0.5, "-0.5"),
        (3.5, "3.5"),
        (1e-7, "0.0000001"),
        (1e21, "1" + "0" * 21),
        (Decimal("2.50"), "2.5"),
        (Decimal("7.00"), "7"),
    ],
)
def test_a_number_is_the_text_that_a_person_writes(value: float | Decimal, text: str) -> None:
    assert field_text({"answer": value}, "answer", numbers=True) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_number_is_lost(value: float) -> None:
    written = number_text(value)
    assert written is not None and "e" not in written and float(written) == value


@pytest.mark.parametrize("value", [True, math.nan, math.inf, None, [1]])
def test_what_is_no_number_is_named(value: object) -> None:
    with pytest.raises(ValueError, match=r'field "answer" is .*, expected text'):
        field_text({"answer": value}, "answer", numbers=True)


def test_elsewhere_text_is_expected() -> None:
    with pytest.raises(ValueError, match='field "trace" is a number, expected text'):
        field_text({"trace": 0.5}, "trace")
