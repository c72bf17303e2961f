"""What several answers to one question come to: a majority, and whether any of them is right.

As in s1's harness (tasks/aime, maj@ and cov@) over the first so many answers; the most frequent one wins, of
equally frequent ones the one that was said first. What cannot be read does not vote.

A grader may take 5 for "5 cm" and for "5 m", which are not each other. So a grade is a part of what an answer
is: right and wrong ones never vote together, and a vote is as right as each of those who gave it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

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


Alike = Callable[[str, str], bool]
"""Whether two expressions are the same answer, whichever comes first."""


def alike_by(math: MathGrader) -> Alike:
    """By the grader `math`, which is asked about two texts once. Raises StageError as MathGrader does."""

    @cache
    def ordered(one: str, other: str) -> bool:
        return math.judge(one, other) == "right" or math.judge(other, one) == "right"

    return lambda one, other: ordered(*sorted((one, other)))


def classes_of(grader: Grader, given: Sequence[Given], reference: str, alike: Alike) -> list[int | None]:
    """Which answers are one and the same, by the first that said it; None of what cannot be read.

    What a judge calls right says what the reference says; what it calls wrong, nothing that the grader reads.
    Two expressions that are not each other are one answer where others between them join them, as 1,2 does
    (1,2) and {1,2}: whatever compares them with the first alone hangs on which was first.
    """
    keys = [_key(grader, one, reference) for one in given]
    # What is written alike is the same: of sixty answers most are, and judging takes its time.
    firsts: dict[_Key, int] = {}
    for place, key in enumerate(keys):
        if key is not None:
            firsts.setdefault(key, place)
    classes: list[list[_Key]] = []
    for key in firsts:
        joined = [each for each in classes if any(_same(grader, other, key, alike) for other in each)]
        classes = [each for each in classes if each not in joined]
        classes.append([key, *(other for each in joined for other in each)])
    first_of = {key: min(firsts[other] for other in each) for each in classes for key in each}
    return [None if key is None else first_of[key] for key in keys]


@dataclass(frozen=True, slots=True)
class _Key:
    """What one answer says."""

    said: str
    grade: Grade
    is_apart: bool
    text: str = field(compare=False)
    """Where it was first said, as it was given."""


def _key(grader: Grader, one: Given, reference: str) -> _Key | None:
    if one.grade == "unreadable":
        return None
    is_apart = one.judged and one.grade == "wrong"
    read = Given(reference, False, "right") if one.judged and not is_apart else one
    return _Key(one.text.strip() if is_apart else _said(grader, read), one.grade, is_apart, read.text)


def _same(grader: Grader, one: _Key, other: _Key, alike: Alike) -> bool:
    if grader != "math" or one.is_apart or other.is_apart or one.grade != other.grade:
        return False
    return alike(one.text, other.text)


def _said(grader: Grader, one: Given) -> str:
    if grader == "integer":
        return str(read_number(one.text, cut=one.cut))
    if grader == "choices":
        return str(read_choice(one.text, cut=one.cut))
    return extract(one.text)
