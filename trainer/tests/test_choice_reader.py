"""Letters of options as models write them, and options under letters."""

import time
from collections import Counter
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluate.choice_reader import read_choice, with_choices
from trainer.evaluate.grader import grade

B = [
    "B",
    "(B)",
    "B.",
    "B)",
    "**B**",
    "**B.**",
    r"\boxed{B}",
    r"\boxed{\text{B}}",
    r"so it is \boxed{(B)}",
    r"\boxed{\textbf{(B)} 10^4}",
    "Final Answer: B",
    "Final Answer: (B) 2.5 eV",
    "The answer is B.",
    "Answer: option B",
    "The correct answer is **B) the second**",
    "Answer: A\nNo. Answer: B",
    "\uff08B\uff09",
    "\uff22",
    "Answer: B, because A has no charge",
    "The correct option is B",
    "The correct answer is **B**.",
    "Answer: $B$.",
    "Answer: B\n\nBecause A) is wrong.",
]
NOTHING = [
    "",
    "the second",
    "A and B",
    "Answer: (A) or (B)",
    "I think so",
    "Because of b",
    "Answer:",
    "AB",
    "B2",
    "Answer: A) or C)",
    r"\boxed{A) \text{ and } B)}",
    "A) the first\nB) the second",
    "Answer: A) the first\n(B) the second",
    "Answer: A\nB",
]


@pytest.mark.parametrize("text", B)
def test_a_letter_is_read_in_the_forms_that_models_give_it(text: str) -> None:
    assert read_choice(text) == "B"
    assert grade("choices", text=text, reference="B") == "right"
    assert grade("choices", text=text, reference="C") == "wrong"


@pytest.mark.parametrize("text", NOTHING)
def test_where_no_letter_or_several_stand_nothing_is_read(text: str) -> None:
    assert grade("choices", text=text, reference="A") == "unreadable"


def test_of_an_answer_that_was_cut_only_a_box_is_whole() -> None:
    assert grade("choices", text="Answer: B", reference="B", cut=True) == "unreadable"
    assert grade("choices", text=r"\boxed{B} because", reference="B", cut=True) == "right"


@given(st.text(), st.lists(st.text(), min_size=1, max_size=25), st.text())
def test_the_letter_of_the_right_option_stands_before_it(right: str, wrong: list[str], question: str) -> None:
    if len({right, *wrong}) < 1 + len(wrong):
        with pytest.raises(ValueError, match="the same"):
            with_choices(question, right, wrong)
        return
    asked, letter = with_choices(question, right, wrong)
    assert asked.startswith(question) and f"\n{letter}) {right}" in asked
    assert (asked, letter) == with_choices(question, right, wrong[::-1])


def test_no_letter_is_right_more_often_than_chance_has_it() -> None:
    letters = Counter(with_choices(f"question {n}", "w", ["x", "y", "z"])[1] for n in range(2000))
    # Four standard deviations of a share of a quarter.
    assert all(abs(letters[letter] - 500) < 78 for letter in ascii_uppercase[:4])


def test_hostile_answers_take_no_time() -> None:
    hostile = ["(" * 100_000, "answer " * 30_000, "\\text{" * 50_000, "B) " * 60_000, "answer is " * 30_000]
    started = time.process_time()
    for text in hostile:
        read_choice(text)
    assert time.process_time() - started < 2 * len(hostile)
