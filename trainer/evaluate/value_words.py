r"""Words that make another number of the one they stand beside, and are no unit of it.

Whoever takes any word behind a number for its unit reads "12 million" and "12 squared" as 12. Left out are
words that name things as often: quarters are coins, "12 more" answers how many more.
"""

import re
from decimal import Decimal

_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
    "dozen": 12,
}
_SCALE = "|".join(_SCALES)
BEHIND = (
    rf"(?:(?:{_SCALE})s?|half|halves|thirds|(?:ten|hundred|thousand|million)ths?|squared|cubed|factorial"
    r"|or (?:more|less|fewer|greater|higher|lower|above|below)|times(?= pi\b|\s?\\|\s\d)"
    r"|plus|minus|choose|mod(?:ulo)?"
    r"|(?:in )?base|below zero|is (?:not|wrong|incorrect)|isn['\u2019]t)"
)
_BEHIND = re.compile(rf"(?i)(?<![A-Za-z\\]){BEHIND}(?![A-Za-z])")
_SCALED = re.compile(
    r"(?i)(?<![\w.,/^\\}])(\d{1,15}(?:\.\d{1,15})?)(\s*\\(?:text|mbox|mathrm)\s?\{\s*|\s+)"
    rf"({_SCALE})s?(?![A-Za-z])"
)
_EMPTY = re.compile(r"\\(?:text|mbox|mathrm)\s?\{\s*\}")


def scaled(plain: str) -> str:
    r"""Numbers that words scale, written out: 12 million is 12000000, and so is `12\text{ million}`."""
    return _EMPTY.sub("", _SCALED.sub(_as_number, plain))


def value_words(plain: str) -> frozenset[str]:
    """Those that a text says."""
    return frozenset(" ".join(found[0].casefold().split()) for found in _BEHIND.finditer(plain))


def _as_number(found: re.Match[str]) -> str:
    number = Decimal(found[1]) * _SCALES[found[3].casefold()]
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + found[2]
