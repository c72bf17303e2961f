"""What several answers to one question come to: a majority, and whether any of them is right.

As in s1's harness (tasks/aime, maj@ and cov@) over the first so many answers; the most frequent one wins, of
equally frequent ones the one that was said first. What cannot be read does not vote.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from trainer.evaluate.boxed import last_box
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
    """Whether the answer that most gave is right."""
    votes = Counter(each for each in classes if each is not None)
    if not votes:
        return False
    # A counter keeps the order of first votes, and the first of the most frequent ones comes first.
    winner = votes.most_common(1)[0][0]
    return any(one.grade == "right" for one, each in zip(given, classes, strict=True) if each == winner)


def covered(given: Sequence[Given]) -> bool:
    return any(one.grade == "right" for one in given)


def classes_of(grader: Grader, given: Sequence[Given], reference: str, math: MathGrader) -> list[int | None]:
    """Which answers are one and the same, by the first that said it; None of what cannot be read.

    What a judge calls right says what the reference says; what it calls wrong, nothing that the grader reads.
    Raises StageError as MathGrader does.
    """
    said: list[tuple[int, str, bool]] = []
    classes: list[int | None] = []
    for place, one in enumerate(given):
        if one.grade == "unreadable":
            classes.append(None)
            continue
        is_apart = one.judged and one.grade == "wrong"
        read = Given(reference, False, "right") if one.judged else one
        text = one.text.strip() if is_apart else _said(grader, read)
        found = next(
            (
                first
                for first, known, apart in said
                if apart == is_apart and (known == text if apart else _same(grader, known, text, math))
            ),
            None,
        )
        if found is None:
            found = place
            said.append((place, text, is_apart))
        classes.append(found)
    return classes


def _said(grader: Grader, one: Given) -> str:
    if grader == "integer":
        return str(read_number(one.text, cut=one.cut))
    if grader == "choices":
        return str(read_choice(one.text, cut=one.cut))
    return extract(one.text)


def _same(grader: Grader, known: str, text: str, math: MathGrader) -> bool:
    if known == text or grader != "math":
        return known == text
    # What was boxed is boxed again, or it would be read as prose.
    return math.judge(known, text if last_box(text) else rf"\boxed{{{text}}}") == "right"
