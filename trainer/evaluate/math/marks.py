r"""What two answers say beside their numbers: bases, percent signs, units, the order of a list, plain words.

math-verify 0.9.0 takes `2516_8` for 2516, 10 for 10%, cm^2 for cm^3 and "1,2" for "2,1".
"""

import re
from dataclasses import dataclass

from trainer.evaluate.math.notation import in_latex, in_one_number, in_radians
from trainer.evaluate.math.units import UNIT_NAMES, UNIT_POWERS
from trainer.evaluate.value_words import scaled, value_words

Unit = tuple[tuple[str, int], ...]
"""Names with their powers, in order of names."""

# Two backslashes end a row of a matrix, whatever follows them.
_SPACING = re.compile(r"(?<!\\)\\[,!;:> ]|\\q?quad\b|\\left\b|\\right\b|\\displaystyle\b|~")
_WORDS = re.compile(r"\\(?:text(?:bf|it|rm|sf|tt|normal)?|mbox|mathrm|operatorname)\s*\{([^{}]*)\}")
_BASE = re.compile(r"[0-9A-Za-z]*[0-9A-F]_\{?([0-9]+)\}?")
_BASE_IN_WORDS = re.compile(
    r"(?i)^\s*([0-9A-F]{1,400})(?:_\{?([0-9]{1,4})\}?)?\s*"
    r"(?:\\text\s?\{\s?)?\(?(?:in )?base[ -]?\}?\s?([0-9]{1,4})\)?\}?$"
)
_DIGITS_IN_BRACKETS = re.compile(r"^\s*\(\s*([0-9A-F]+)\s*\)\s*(?=_)")
_TRANSPOSED = re.compile(r"\^\s*\{?\s*(?:T|\\top|\\intercal)(?![A-Za-z])")
# With an argument, the inverse of a function; math-verify takes it for 1/f(x).
_INVERSE = re.compile(r"(?<![A-Za-z\\])[A-Za-z]\s*\^\s*\{\s*-\s*1\s*\}\s*\(")
_SPACED_COMMA = re.compile(r"(?<=\d)\s*,\s*(?=\d{3}(?!\d))")
_THOUSANDS = re.compile(r"(?<![\d,])[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,])")
# Two numbers in brackets of their own are a pair or an interval: (5,125) is not 5125.
_PAIR = re.compile(r"(?:\(|\[|\\\{)\s*[1-9]\d{0,2},\d{3}(?:\.\d+)?\s*(?:[)\]]|\\\})")
_PERCENT = re.compile(r"\\?%|\bper\s?cent\b")
_LETTER = re.compile(r"\(?([A-Za-z])\)?\.?")
_PLAIN_WORDS = re.compile(r"[A-Za-z][A-Za-z .'-]*")
_LONG_WORD = re.compile(r"[A-Za-z]{3}")
# Of two letters, a word as well as a product: "no" is not "on".
_SHORT_WORDS = frozenset(
    ["am", "as", "at", "by", "if", "in", "is", "it", "no", "of", "on", "or", "so", "to", "up"]
)
_WORDS_AND_NUMBERS = re.compile(r"[A-Za-z]{2,}[A-Za-z0-9 .,'-]*")
_RELATION = re.compile(r"<|>|\\(?:[lg]t|[lg]e(?:q(?:slant)?)?|neq?)(?![A-Za-z])")
_RELATIONS = {r"\lt": "<", r"\gt": ">", r"\leq": r"\le", r"\geq": r"\ge", r"\neq": r"\ne"}
# A letter of its own, as variables are: not of a command, a word or a number's power of ten.
_VARIABLE = re.compile(r"(?<![\\A-Za-z])(?<!\d[eE])[A-Za-z](?![A-Za-z]|(?<=\d[eE])[-+]?\d)")

# What sets an expression off as one, and the point of the sentence that it ends.
_SET_OFF = re.compile(r"^(?:\\[\[(]|\$+)|(?:\\[\])]|(?<![\\$])\$+)$")
_POINT = re.compile(r"(?<!\.)\.$")

_CURRENCIES = {
    "dollar": re.compile(r"\\\$"),
    "euro": re.compile("€"),
    "pound": re.compile("£"),
    "yen": re.compile("¥"),
}
_HALF_OF_DAY = re.compile(r"(?i)(?<=\d)\s*([ap])\.\s?m\b\.?")
_DEGREES = re.compile(r"\^\s*\{?\s*\\circ\s*\}?|°")
_EXPONENT = r"(?:\^\s*\{?\s*-?\d+\s*\}?)?"
_MARKED_UNIT = re.compile(rf"^(.*\d.*?)\s*{_WORDS.pattern}\s*({_EXPONENT})\s*\.?$", re.DOTALL)
_BARE_UNIT = re.compile(rf"^(.*\d)\s+((?:[A-Za-z]{{2,}}\.?\s*{_EXPONENT}\s*)+)$")
_LETTER_UNIT = re.compile(r"[^A-Za-z]*\d\s*([mshg])\s*(?:\^\s*\{?\s*(-?\d+)\s*\}?)?")
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
    """The whole answer, where it is words: a name, a direction, a date, the letter of a choice."""
    letter_unit: Unit | None
    """What a single letter behind the number, which may be a variable, is as a unit: the m of 15 m."""
    relation: str | None
    """What an answer begins with that names a bound, as in `\\ge 5`; it is not in the core."""
    letters: frozenset[str]
    """Variables, which math-verify reads in lower case."""
    written: tuple[int, int, int]
    """Primes, transposes and inverses of what has an argument: math-verify drops them or works them out."""
    value_words: frozenset[str]
    """What makes another number of the one it stands beside, as in 12 squared."""


def read_marks(text: str) -> Marked:
    """Takes the text of one answer apart. Whatever is not known stays in the core."""
    plain = _BASE_IN_WORDS.sub(_as_index, _bare(_SPACING.sub(" ", in_latex(text))))
    plain = scaled(in_radians(plain))
    beside = value_words(plain)
    percent = _PERCENT.search(plain) is not None
    plain = _DIGITS_IN_BRACKETS.sub(r"\1", plain)
    plain, unit = _take_unit(in_one_number(_PERCENT.sub("", plain)))
    base = _BASE.fullmatch(plain.replace(" ", ""))
    core = _without_commas(_SPACED_COMMA.sub(",", plain)).strip()
    relation = _RELATION.match(core)
    return Marked(
        core[relation.end() :].strip() if relation else core,
        base=int(base[1]) if base else None,
        percent=percent,
        unit=unit,
        letter_unit=_letter_unit(core),
        words=_words(text),
        relation=_RELATIONS.get(relation[0].replace("slant", ""), relation[0]) if relation else None,
        letters=frozenset(_VARIABLE.findall(_WORDS.sub(" ", core))),
        written=(
            core.count("'") + core.count(r"\prime"),
            len(_TRANSPOSED.findall(core)),
            len(_INVERSE.findall(core)),
        ),
        value_words=beside,
    )


def as_words(text: str) -> str | None:
    """A text that is nothing but words, in one form; None for any other."""
    bare = _bare(_WORDS.sub(r"\1", text))
    letter = _LETTER.fullmatch(bare)
    if letter is not None:
        return letter[1].upper()
    return " ".join(bare.casefold().rstrip(".").split()) if _PLAIN_WORDS.fullmatch(bare) else None


def say_otherwise(gold: Marked, answer: Marked) -> bool:
    """Whether the marks alone tell two answers apart, whatever their numbers are."""
    if (gold.base, gold.percent, gold.relation) != (answer.base, answer.percent, answer.relation):
        return True
    if gold.value_words != answer.value_words:
        return True
    # One may name what the other only gives the value of: f'(2) = 5 is 5.
    if ("=" in gold.core) == ("=" in answer.core) and gold.written != answer.written:
        return True
    swapped = {letter.swapcase() for letter in gold.letters - answer.letters}
    if swapped & (answer.letters - gold.letters):
        return True
    # A unit may be left out; one that is given has to be the right one.
    given = answer.unit or answer.letter_unit
    return None not in (gold.unit, given) and gold.unit != given


def without_letter_unit(answer: Marked, wanted: Unit | None) -> str:
    """The core of an answer; where its letter is the unit that is wanted, without it."""
    if wanted is None or answer.letter_unit != wanted:
        return answer.core
    found = _LETTER_UNIT.fullmatch(answer.core)
    assert found is not None, "its unit was read from it"
    return answer.core[: found.start(1)].strip()


def as_dated_words(text: str) -> str | None:
    """The same of words with numbers among them, as dates are."""
    bare = _bare(_WORDS.sub(r"\1", text))
    if not _WORDS_AND_NUMBERS.fullmatch(bare):
        return as_words(text)
    return as_words(text) or " ".join(bare.casefold().replace(",", " ").split())


def _words(text: str) -> str | None:
    """Of a text that is words by its marks, or by being no product of variables."""
    if _WORDS.search(text):
        return as_dated_words(text)
    words = as_words(text)
    return words if _LONG_WORD.search(_bare(text)) or words in _SHORT_WORDS else None


def _letter_unit(core: str) -> Unit | None:
    found = _LETTER_UNIT.fullmatch(core)
    return ((UNIT_NAMES[found[1]], int(found[2] or 1)),) if found else None


def _without_commas(plain: str) -> str:
    """Numbers without their thousands' commas."""
    kept = [(found.start(), found.end()) for found in _PAIR.finditer(plain)]

    def joined(found: re.Match[str]) -> str:
        is_pair = any(start < found.start() and found.end() < end for start, end in kept)
        return found[0] if is_pair else found[0].replace(",", "")

    return _THOUSANDS.sub(joined, plain)


def _as_index(found: re.Match[str]) -> str:
    """The base that words name, where no index names another."""
    return found[0] if found[2] not in (None, found[3]) else f"{found[1]}_{{{found[3]}}}"


def _bare(text: str) -> str:
    r"""Without a point before or behind the signs that set an expression off, as in `\[5.\]` and `$5$.`"""
    for _ in range(2):
        text = _SET_OFF.sub("", _POINT.sub("", text.strip())).strip()
    return text


def _take_unit(plain: str) -> tuple[str, Unit | None]:
    """The text without units behind a number and signs of degrees and currencies; and the units."""
    found: dict[str, int] = {}
    plain = _HALF_OF_DAY.sub(r" \1m", plain)
    for name, sign in {**_CURRENCIES, "degree": _DEGREES}.items():
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
