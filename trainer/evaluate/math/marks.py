r"""What two answers say beside their numbers: bases, percent signs, units, the order of a list, plain words.

math-verify 0.9.0 takes `2516_8` for 2516, 10 for 10%, cm^2 for cm^3 and "1,2" for "2,1".
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from trainer.evaluate.math.units import UNIT_NAMES, UNIT_POWERS

Unit = tuple[tuple[str, int], ...]
"""Names with their powers, in order of names."""

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUBSCRIPT_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_FRACTION = re.compile("[¼½¾⅐-⅞]")

_SPACING = re.compile(r"\\[,!;:> ]|\\q?quad\b|\\left\b|\\right\b|\\displaystyle\b|~")
_WORDS = re.compile(r"\\(?:text(?:bf|it|rm|sf|tt|normal)?|mbox|mathrm|operatorname)\s*\{([^{}]*)\}")
_BASE = re.compile(r"[0-9A-Za-z]*[0-9A-F]_\{?([0-9]+)\}?")
_SPACED_COMMA = re.compile(r"(?<=\d)\s*,\s*(?=\d{3}(?!\d))")
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])")
_PERCENT = re.compile(r"\\?%|\bper\s?cent\b")
_LETTER = re.compile(r"\(?([A-Za-z])\)?\.?")
_PLAIN_WORDS = re.compile(r"[A-Za-z][A-Za-z .'-]*")

# What sets an expression off as one, and the point of the sentence that it ends.
_SET_OFF = re.compile(r"^(?:\\[\[(]|\$+)|(?:\\[\])]|(?<![\\$])\$+)$")
_POINT = re.compile(r"(?<!\.)\.$")

_DOLLARS = re.compile(r"\\\$")
_DEGREES = re.compile(r"\^\s*\{?\s*\\circ\s*\}?|°")
_EXPONENT = r"(?:\^\s*\{?\s*-?\d+\s*\}?)?"
_MARKED_UNIT = re.compile(rf"^(.*\d.*?)\s*{_WORDS.pattern}\s*({_EXPONENT})\s*\.?$", re.DOTALL)
_BARE_UNIT = re.compile(rf"^(.*\d)\s+((?:[A-Za-z]{{2,}}\.?\s*{_EXPONENT}\s*)+)$")
_UNIT = re.compile(
    r"(?<![A-Za-z\\])(?:(square|cubic|sq\.?|cu\.?)\s+)?([A-Za-zµ]+)\.?\s*(?:\^\s*\{?\s*(-?\d+)\s*\}?)?"
)
# Words around a number that are no unit.
_NO_UNITS = frozenset(
    ["and", "or", "the", "is", "a", "an", "of", "about", "approximately", "exactly", "answer", "to"]
)


@dataclass(frozen=True, slots=True)
class Marked:
    """An answer taken apart."""

    core: str
    """The expression without units, percent signs and thousands' commas."""
    base: int | None
    percent: bool
    unit: Unit | None
    """None where none is given."""
    words: str | None
    """The whole answer, where it is marked as words: a name, a direction, the letter of a choice."""


def in_latex(text: str) -> str:
    """The text with what Unicode has signs for written as LaTeX has it: ₈, ², ½, the minus sign."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    plain = _SUBSCRIPT_RUN.sub(lambda found: f"_{{{found[0].translate(_SUBSCRIPTS)}}}", plain)
    plain = _SUPERSCRIPT_RUN.sub(lambda found: f"^{{{found[0].translate(_SUPERSCRIPTS)}}}", plain)
    return _FRACTION.sub(_as_fraction, plain)


def read_marks(text: str) -> Marked:
    """Takes the text of one answer apart. Whatever is not known stays in the core."""
    plain = _bare(_SPACING.sub(" ", in_latex(text)))
    percent = _PERCENT.search(plain) is not None
    plain, unit = _take_unit(_PERCENT.sub("", plain))
    base = _BASE.fullmatch(plain.replace(" ", ""))
    joined = _SPACED_COMMA.sub(",", plain)
    core = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), joined).strip()
    words = as_words(text) if _WORDS.search(text) else None
    return Marked(core, int(base[1]) if base else None, percent, unit, words)


def as_words(text: str) -> str | None:
    """A text that is nothing but words, in one form; None for any other."""
    bare = _bare(_WORDS.sub(r"\1", text))
    letter = _LETTER.fullmatch(bare)
    if letter is not None:
        return letter[1].upper()
    return " ".join(bare.casefold().rstrip(".").split()) if _PLAIN_WORDS.fullmatch(bare) else None


def say_otherwise(gold: Marked, answer: Marked) -> bool:
    """Whether the marks alone tell two answers apart, whatever their numbers are."""
    if gold.base != answer.base or gold.percent != answer.percent:
        return True
    # A unit may be left out; one that is given has to be the right one.
    return None not in (gold.unit, answer.unit) and gold.unit != answer.unit


def split_list(core: str) -> list[str]:
    """The parts of a list that stands in no brackets, in order; one part where it is no list."""
    return [part.strip() for part in _split(core)]


def _bare(text: str) -> str:
    r"""Without a point before or behind the signs that set an expression off, as in `\[5.\]` and `$5$.`"""
    for _ in range(2):
        text = _SET_OFF.sub("", _POINT.sub("", text.strip())).strip()
    return text


def _split(core: str) -> Iterator[str]:
    depth = start = 0
    for place, sign in enumerate(core):
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth <= 0:
            yield core[start:place]
            start = place + 1
    yield core[start:]


def _as_fraction(found: re.Match[str]) -> str:
    over, _, under = unicodedata.normalize("NFKC", found[0]).partition("\N{FRACTION SLASH}")
    return rf"\frac{{{over}}}{{{under}}}"


def _take_unit(plain: str) -> tuple[str, Unit | None]:
    """The text without units behind a number and without the signs of degrees and dollars; and the units."""
    found: dict[str, int] = {}
    for sign, name in ((_DOLLARS, "dollar"), (_DEGREES, "degree")):
        if sign.search(plain):
            found[name] = 1
            plain = sign.sub("", plain)
    marked = _MARKED_UNIT.search(plain)
    bare = _BARE_UNIT.search(plain) if marked is None else None
    written = ""
    if marked is not None:
        plain, written = marked[1], marked[2] + marked[3]
    elif bare is not None:
        plain, written = bare[1], bare[2]
    for prefix, name, power in _UNIT.findall(written):
        if name.casefold() not in _NO_UNITS:
            unit = UNIT_NAMES.get(name.casefold(), name.casefold())
            found[unit] = int(power) if power else UNIT_POWERS.get(prefix, 1)
    return plain.strip(), tuple(sorted(found.items())) or None
