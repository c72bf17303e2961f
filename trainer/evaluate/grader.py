r"""Whether an answer is right, wrong, or says nothing that can be judged.

`exact` compares texts by s1's rule of extraction (its eval, tasks/aime/utils.py): the content of the last
`\boxed{}`, else what follows the last "Answer:", else the whole text. `integer` compares numbers by their
value, so that 073, 73. and $73$ are one answer. `choices` compares letters, so that B, (B) and **B.** are one
answer. `math` compares expressions (`trainer.evaluate.math`).
"""

import re
from typing import Literal

from trainer.evaluate.boxed import last_box
from trainer.evaluate.choice_reader import read_choice
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.number_reader import read_number

Grader = Literal["exact", "integer", "math", "choices"]
Grade = Literal["right", "wrong", "unreadable"]

ANSWER = re.compile(r"answer\s*+:", re.IGNORECASE)


def grade(
    grader: Grader, *, text: str, reference: str, cut: bool = False, math: MathGrader | None = None
) -> Grade:
    """The reference is read like the answer, because a dataset may keep it as a whole sentence.

    `cut`: the answer ended at its limit of tokens; what may be incomplete is then unreadable, never graded.
    `math` judges for the grader of that name. Raises StageError as it does.
    """
    if grader == "math":
        assert math is not None, "the grader `math` needs its judges"
        if not extract(text) or (cut and last_box(text) is None):
            return "unreadable"
        return math.judge(extract(reference), text)
    if grader == "exact":
        found = extract(text)
        if not found or (cut and last_box(text) is None):
            return "unreadable"
        return "right" if found == extract(reference) else "wrong"
    if grader == "choices":
        letter = read_choice(text, cut=cut)
        if letter is None:
            return "unreadable"
        return "right" if letter == read_choice(reference) else "wrong"
    number = read_number(text, cut=cut)
    if number is None:
        return "unreadable"
    return "right" if number == as_integer(reference) else "wrong"


def extract(text: str) -> str:
    box = last_box(text)
    if box is not None:
        return box
    marks = list(ANSWER.finditer(text))
    return text[marks[-1].end() :].strip() if marks else text.strip()


def as_integer(text: str) -> int | None:
    """The whole number that a reference says; None for any other, and where it says none."""
    number = read_number(text)
    return int(number) if number is not None and number.denominator == 1 else None
