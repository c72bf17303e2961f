"""Extraction and comparison of answers."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluate.grader import as_integer, extract, grade


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


@given(st.integers(-(10**6), 10**6), st.integers(0, 3))
def test_integers_are_compared_as_numbers(number: int, zeros: int) -> None:
    padded = ("-" if number < 0 else "") + "0" * zeros + str(abs(number))
    assert grade("integer", text=f"Final Answer: {padded}", reference=str(number)) == "right"
    assert grade("integer", text=f"Final Answer: {number + 1}", reference=str(number)) == "wrong"
    exact = grade("exact", text=f"Answer: {padded}", reference=str(number))
    assert exact == ("right" if zeros == 0 else "wrong")


AROUND = (
    "{}",
    "{}.",
    "${}$",
    "**{}**",
    r"\boxed{{{}}}",
    r"\({}\)",
    "x = {}",
    "The answer is {}.",
    "{} apples",
)
MARKED = (
    "Answer: {}\n{}",
    "The answer is {}. {}",
    r"{1} Hence \boxed{{{0}}}.",
    "{1}\n#### {0}",
    "**Answer:** {}\n{}",
)


@given(st.integers(-(10**9), 10**9), st.sampled_from(AROUND), st.booleans())
def test_what_is_written_around_a_number_does_not_change_it(number: int, around: str, grouped: bool) -> None:
    said = around.format(f"{number:,}" if grouped else str(number))
    assert grade("integer", text=said, reference=str(number)) == "right", said
    assert grade("integer", text=said, reference=str(number + 1)) == "wrong", said


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from(MARKED))
def test_a_marked_answer_is_read_whatever_other_number_stands_elsewhere(
    number: int, other: int, marked: str
) -> None:
    said = marked.format(number, f"I counted {other} of them twice.")
    assert grade("integer", text=said, reference=str(number)) == "right", said


@pytest.mark.parametrize(
    "text",
    [
        "73.", "$73$", "$73", "**73**", "_73_", r"\boxed{073}", r"\boxed{x = 73}", r"$\boxed{73^\circ}$",
        "73.00",
        r"\boxed{73\text{ cm}}", r"\boxed{\text{73}}", r"\textbf{73}", "73%", r"73\%", "(73)", "+73",
        "7\uff13",
        "73!",
        "x_1 = 73", "x_{12} = 73", "70 + 3 = 73", "73 = 70 + 3", r"\frac{146}{2}", "73 (seventy-three)",
        "* 73",
        "The answer is 73. A sentence after it has 2 numbers, 5 and 6.", "Answer: 73\nbecause 70 + 3 = 73",
        "Final Answer: The final answer is $\\boxed{73}$. I hope it is correct.",
        "Answer: \n\n73\n\nFor 70 and 3",
        "Answer: 5 apples + 68 apples = 73 apples", "73\nThat is 70 plus 3.", r"\boxed{73} or \boxed{74",
    ],
)  # fmt: skip
def test_what_people_write_for_73_is_73(text: str) -> None:
    assert grade("integer", text=text, reference="73") == "right"


@pytest.mark.parametrize(
    ("text", "reference"),
    [("1,024", "1024"), (r"\boxed{1{,}024}", "1024"), (r"\boxed{1\,024}", "1024"), ("1,234,567.0", "1234567"),
     ("\u22125", "-5"), ("minus 5", "-5"), ("Answer: negative 5", "-5"),
     ("$-5$", "-5"), ("-$5", "-5"), ("= - 5", "-5"), ("-0", "0"), ("000", "0")],
)  # fmt: skip
def test_signs_and_thousands_are_read(text: str, reference: str) -> None:
    assert grade("integer", text=text, reference=reference) == "right"


@pytest.mark.parametrize(
    ("text", "reference"),
    [("3.5", "35"), ("3.5", "3"), ("0.73", "73"), ("Answer: .5", "5"), ("1.024", "1024"), ("7/3", "7"),
     (r"\boxed{\frac{7}{3}}", "7"), ("73.5%", "73")],
)  # fmt: skip
def test_a_number_that_is_not_whole_is_a_wrong_answer_never_another_number(text: str, reference: str) -> None:
    assert grade("integer", text=text, reference=reference) == "wrong"


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "seventy-three", "72 or 73", "Answer: 73 or 74", "The answer is not 73, it is 74.",
        "a = 3, b = 73",
        r"\sqrt{73}", r"\boxed{2\sqrt{73}}", "73x", "2^73", "2**73", "73²", "73½", "1e73", "70-3", "73-73",
        "3*73",
        "1,2,73", "7 3", "10:73", "73 million", "73 and a half", "> 73", r"\boxed{\ge 73}", "±73",
        "1010_73", "log 73", "The answer is not 73.", "The answer isn't 73", "Answer: not 73",
        r"\boxed{\text{not }73}", "Answer: at least 73", "Answer: more than 73",
        "Answer: We have 73 apples. So 5 are left.", "Answer: 1. Add 3.\n2. Then 4.", "1" * 5000, r"\boxed{}",
        r"\boxed{73!}", "73 squared", "73 or more", "73 hundredths", r"\boxed{73 \text{ factorial}}",
    ],
)  # fmt: skip
def test_two_numbers_and_parts_of_expressions_say_nothing(text: str) -> None:
    for reference in ("73", "1", "3", "5"):
        assert grade("integer", text=text, reference=reference) == "unreadable"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Answer: 7", False), ("Answer: 7.", False), ("Answer: 7,", False), ("\nFinal Answer: 7", False),
        ("There are 7 of", False), ("7", False), (r"\boxed{7", False),
        ("Answer: 7\nThis is", True), ("The answer is 7. This", True), (r"\boxed{7}. This", True),
    ],
)  # fmt: skip
def test_of_an_answer_that_was_cut_only_what_is_complete_is_graded(text: str, whole: bool) -> None:
    assert grade("integer", text=text, reference="7", cut=True) == ("right" if whole else "unreadable")


def test_of_a_cut_text_only_a_closed_box_is_compared() -> None:
    assert grade("exact", text="Answer: seven", reference="seven", cut=True) == "unreadable"
    assert grade("exact", text=r"\boxed{seven} since", reference="seven", cut=True) == "right"
    assert grade("exact", text="  ", reference="seven") == "unreadable"


@given(st.text(alphabet="01239.,-+=*_^{}()[]$\\ \n\u2212\u00bdxa:!%/boxedanswer", max_size=80), st.booleans())
def test_no_text_is_too_strange_to_be_graded(text: str, cut: bool) -> None:
    found = grade("integer", text=text, reference="7", cut=cut)
    assert found in ("right", "wrong", "unreadable")
    # Without a digit there is no number to be right or wrong about.
    assert found == "unreadable" or any(character.isdigit() for character in text)


@pytest.mark.parametrize(
    "piece",
    ["1", "1,000", " ", "\\boxed{", "{", "$", "*", "_", "-", ".", "\\", "\\frac{", "_{", "=", "1 = ", "1 ",
     "\\a",      "answer is ", "Answer: ", "a", "\n", "\u2212 ", "(", "1. "],
)  # fmt: skip
def test_a_hostile_answer_takes_no_longer_than_its_length(piece: str) -> None:
    for text in (piece * (1_000_000 // len(piece)), "Answer: " + piece * 100_000 + "a"):
        started = time.process_time()
        grade("integer", text=text, reference="7")
        grade("exact", text=text, reference="7", cut=True)
        assert time.process_time() - started < 10


def test_a_reference_is_read_like_an_answer_and_must_be_whole() -> None:
    assert (
        as_integer("073"),
        as_integer("So 2 + 2 = 4.\n#### 4"),
        as_integer(r"thus $\boxed{1{,}024}$"),
    ) == (
        73,
        4,
        1024,
    )
    assert (as_integer("3.5"), as_integer("x"), as_integer("")) == (None, None, None)
