"""Extraction and comparison of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluate.grader import extract, is_right


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("\nFinal Answer: seven", "seven"),
        ("Answer: 3\nNo. Answer: 4", "4"),
        (r"so \boxed{12} and then \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"Answer: 5, that is \fbox{6}", "6"),
        (r"\boxed{7} and \boxed{never closed", "7"),
        ("the ANSWER :  eight ", "eight"),
        ("  nine ", "nine"),
    ],
)
def test_the_answer_is_the_last_box_else_what_follows_the_last_mark_else_all(text: str, answer: str) -> None:
    assert extract(text) == answer


@given(st.integers(0, 10**6), st.integers(0, 3))
def test_integers_are_compared_as_numbers(number: int, zeros: int) -> None:
    padded = "0" * zeros + str(number)
    assert is_right("integer", text=f"Final Answer: {padded}", reference=str(number))
    assert not is_right("integer", text=f"Final Answer: {number + 1}", reference=str(number))
    assert is_right("exact", text=f"Answer: {padded}", reference=str(number)) == (zeros == 0)


def test_what_is_no_number_is_never_a_right_integer() -> None:
    assert not is_right("integer", text="Answer: x", reference="x")
    assert not is_right("integer", text="", reference="0")
