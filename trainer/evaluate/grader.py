r"""Whether an answer is right, by s1's rules of extraction (its eval, tasks/aime/utils.py).

The answer is the content of the last `\boxed{}`, else what follows the last "Answer:", else the whole text.
"""

import re
from typing import Literal

BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
ANSWER = re.compile(r"answer\s*:", re.IGNORECASE)


def extract(text: str) -> str:
    for match in reversed(list(BOXED.finditer(text))):
        content = _braced(text, match.end())
        if content is not None:
            return content.strip()
    marks = list(ANSWER.finditer(text))
    return text[marks[-1].end() :].strip() if marks else text.strip()


def is_right(grader: Literal["exact", "integer"], *, text: str, reference: str) -> bool:
    """The reference is extracted like the answer, because a dataset may keep it as a whole sentence."""
    found, expected = extract(text), extract(reference)
    if grader == "exact":
        return found == expected
    number = as_integer(found)
    return number is not None and number == as_integer(expected)


def as_integer(text: str) -> int | None:
    """`073` and `73` are one answer, as AIME writes both."""
    try:
        return int(text)
    except ValueError:
        return None


def _braced(text: str, start: int) -> str | None:
    """The text from `start` to the brace that closes the one before it; None when none does."""
    depth = 1
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return text[start:index]
    return None
