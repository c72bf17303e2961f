r"""The letter that a text says as its answer, for the grader `choices`.

Read are the forms that models give it: B, (B), B., B) with the option's words behind it, **B**, \text{B},
option B. Where several letters stand, or a sentence without one, nothing is read: s1's harness asks another
model then, and takes "A" where that fails (tasks/gpqa/openai/utils.py), which is right once in four times for
nothing.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from string import ascii_uppercase

from trainer.evaluate.boxed import last_box
from trainer.evaluate.full_width import FULL_WIDTH

MOST_CHOICES = len(ascii_uppercase)
_ANSWER = re.compile(r"(?:answer|correct (?:option|choice)(?= is\b))\s*+(?:is\b\s*+)?:?", re.IGNORECASE)
_WRAPPED = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mathit)\s*+\{([^{}]*+)\}")
_LETTER = re.compile(r"\(?\s?([A-Z])\s?(?:\)|$|[.:](?:\s|$)|\)\s|,?\s(?=(?:because|since)\b))")
# Another option beside the first: (C), or C) that no bracket opens.
_OTHER = re.compile(r"(?<![A-Za-z])\(([A-Z])\)|(?<![A-Za-z(])([A-Z])\)")
# Options that are only repeated stand one a line.
_LISTED = re.compile(r"\(?([A-Z])(?:[).:](?:\s|$)|$)", re.MULTILINE)
_WIDE = str.maketrans(FULL_WIDTH)
_NAMED = re.compile(r"(?:option|choice)\s++", re.IGNORECASE)
_MARKS = " \t*_$`'\"\\"


def read_choice(text: str, *, cut: bool = False) -> str | None:
    """The letter; None where the text says none, or more than one. `cut`: only a box is whole then."""
    text = text.translate(_WIDE)
    box = last_box(text)
    if box is None and cut:
        return None
    said, below = (box, "") if box is not None else _behind_answer(text)
    plain = _WRAPPED.sub(r"\1", said).strip().strip(_MARKS + ".").strip(_MARKS)
    named = _NAMED.match(plain)
    if named is not None:
        plain = plain[named.end() :]
    found = _LETTER.match(plain)
    if found is None:
        return None
    others = {open_ or closed for open_, closed in _OTHER.findall(plain[found.end() :])}
    listed = _LISTED.match(below)
    if listed is not None:
        others.add(listed[1])
    return None if others - {found[1]} else found[1]


def with_choices(question: str, right: str, wrong: Sequence[str]) -> tuple[str, str]:
    """The question with its options under letters, and the letter of the right one.

    Their order hangs on what they say alone, so that it is the same in every run, and no letter is right more
    often. Raises ValueError where two options are the same, or there are more than letters.
    """
    options = [right, *wrong]
    if len(set(options)) < len(options):
        raise ValueError("two of its options are the same")
    if len(options) > MOST_CHOICES:
        raise ValueError(f"it has {len(options)} options, and there are {MOST_CHOICES} letters")
    order = sorted(options, key=lambda option: sha256(f"{question}\0{option}".encode()).digest())
    lines = [f"{letter}) {option}" for letter, option in zip(ascii_uppercase, order, strict=False)]
    return question + "\n\n" + "\n".join(lines), ascii_uppercase[order.index(right)]


def _behind_answer(text: str) -> tuple[str, str]:
    """The line behind the last mark, or the first one, and what stands below it."""
    marks = list(_ANSWER.finditer(text))
    said = text[marks[-1].end() :] if marks else text
    line, _, below = said.strip().partition("\n")
    return line, below.strip()
