"""What several answers to one question come to: a majority, and whether any of them is right.

As in s1's harness (tasks/aime, maj@ and cov@) over the first so many answers; the most frequent one wins, of
equally frequent ones the one that was said first. What cannot be read does not vote.

A grader may take 5 for "5 cm" and for "5 m", which are not each other. So a grade is a part of what an answer
is: right and wrong ones never vote together, and a vote is as right as each of those who gave it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from trainer.evaluate.choice_reader import read_choice
from trainer.evaluate.grader import Grade, Grader, extract
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.number_reader import read_number


@dataclass(frozen=True, slots=True)
class Given:
    """An answer with its grade."""

    text: str
    cut: bool
    grade: Grade
    judged: bool = False
    """The grade is a judge's, whatever the grader reads."""


def sizes(samples: int) -> list[int]:
    """Over how many answers votes are counted: 2, 4, 8 and so on, and all."""
    powers = (2**power for power in range(1, samples.bit_length()))
    return sorted({*(size for size in powers if size < samples), samples})


def majority(given: Sequence[Given], classes: Sequence[int | None]) -> bool:
    """Whether the answer that most gave is right; a class is the place of the first that said it."""
    votes = Counter(each for each in classes if each is not None)
    if not votes:
        return False
    # A counter keeps the order of first votes, and the first of the most frequent ones comes first.
    winner = votes.most_common(1)[0][0]
    return given[winner].grade == "right"


def covered(given: Sequence[Given]) -> bool:
    return any(one.grade == "right" for one in given)


def classes_of(grader: Grader, given: Sequence[Given], reference: str, math: MathGrader) -> list[int | None]:
    """Which answers are one and the same, by the first that said it; None of what cannot be read.

    What a judge calls right says what the reference says; what it calls wrong, nothing that the grader reads.
    Raises StageError as MathGrader does.
    """
    said: list[tuple[int, str, tuple[Grade, bool]]] = []
    # What is written alike is the same: of sixty answers most are, and judging takes its time.
    known: dict[tuple[str, Grade, bool], int] = {}
    classes: list[int | None] = []
    for place, one in enumerate(given):
        if one.grade == "unreadable":
            classes.append(None)
            continue
        is_apart = one.judged and one.grade == "wrong"
        read = Given(reference, False, "right") if one.judged and not is_apart else one
        key = (one.text.strip() if is_apart else _said(grader, read), one.grade, is_apart)
        found = known.get(key)
        if found is None and grader == "math" and not is_apart:
            alike = (first for first, text, kind in said if kind == key[1:] and _same(text, read.text, math))
            found = next(alike, None)
        if found is None:
            found = place
            said.append((place, read.text, key[1:]))
        known[key] = found
        classes.append(found)
    return classes


def _said(grader: Grader, one: Given) -> str:
    if grader == "integer":
        return str(read_number(one.text, cut=one.cut))
    if grader == "choices":
        return str(read_choice(one.text, cut=one.cut))
    return extract(one.text)


def _same(known: str, text: str, math: MathGrader) -> bool:
    """Whether either is the other, as a reference is read: one without a unit takes any."""
    return math.judge(known, text) == "right" or math.judge(text, known) == "right"
