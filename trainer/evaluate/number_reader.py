r"""The number that a text says as its answer, for the grader `integer`.

What people and models write around a number is taken off: Markdown, LaTeX, currency, units, thousands. A
number inside of an expression is not read (`\sqrt{73}`, `2^5`, `73x`), and two different numbers say nothing.
It must stand where an answer is said; the first of these places that a text has decides:

1. the last box, `\boxed{73}`;
2. the beginning of the sentence after the last "answer is", "Answer:" or "####" (GSM8K); no further on,
   because s1 puts "Answer:" in front of whole solutions;
3. the only number of all that follows this mark, or of the whole text, or a number alone on its first line.

Every pattern runs in linear time: no repetition begins where another one could have ended.
"""

import re
from fractions import Fraction

from trainer.evaluate.boxed import last_box
from trainer.evaluate.full_width import FULL_WIDTH
from trainer.evaluate.value_words import BEHIND

# An answer is no book: this bounds the time that a hostile one takes.
MOST_CHARACTERS = 100_000
# Python takes quadratic time for a long decimal number, and refuses one of more than 4,300 digits.
MOST_DIGITS = 400

_CHARACTERS = str.maketrans(
    {
        # What is typeset for a minus or a blank.
        **FULL_WIDTH,
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\ufe63", "-"),
        "\u2248": "=",
    }
)
# In this order; each is a pattern and what takes its place.
_REWRITES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\u2212 ?", "-"),
        (r"(?i)\b(?:minus|negative) (?=[$\\{( ]*\d)", "-"),
        (r"(?<![\w.])\.(?=\d)", "0."),
        (r"\\(?:approx|Rightarrow|implies|therefore)\b", " = "),
        (r"(?<=\d)(?:\{,\}|,?\\[,!;:] ?|\\ )(?=\d{3})", ","),
        (
            r"\\[dt]?frac ?(?:\{ ?(-?\d{1,400}) ?\}|(\d)) ?(?:\{ ?(\d{1,400}) ?\}|(\d)(?!\d))",
            r" \1\2/\3\4 ",
        ),
        # Styles keep what is in their braces; a unit says nothing about the number.
        (r"\\(?:text|math)(?:bf|it|rm|sf|tt)?\b|\\(?:boldsymbol|mbox|left|right|displaystyle|q?quad)\b", " "),
        (r"\^ ?\{? ?\\circ\b|\\degree\b|\u00b0|\\?%", " "),
        (r"_ ?\{([^{}]*)\}", r"_\1"),
        (r"-(?: ?\\?[$\u20ac\u00a3])(?= ?\d)", "-"),
        (r"\\[()\[\],;:! $]|[$\u20ac\u00a3`{}~]", " "),
        # Two stars between words are a power, elsewhere emphasis; so is one that is not between blanks.
        (r"(?<=\w)\*+(?=\w)", "^"),
        (r"\*{2,}|(?<! )\*|\*(?! )", " "),
        (r"(?<!\w)_+|_+(?!\w)", " "),
        (r"(?<=[=(:]) ?- (?=\d)", " -"),
    )
)
_NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>(?<![)])[-+])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})++(?!,?\d)|\d++)(?:\.(?P<part>\d++)|/(?P<below>\d++))?"
)
# What makes a number a part of something else, before it and behind it.
_BOUND_BEFORE = re.compile(
    r"(?:[-+*/^\u00d7\u00b7\u00f7<>\u2264\u2265\u2260\u00b1\u221a!]"
    r"|\b(?:sqrt|log|ln|sin|cos|tan|gcd|lcm|mod|choose)|\w\("
    r"|\b(?:[Nn]ot|[Nn]o|[Ll]ess than|[Mm]ore than|[Gg]reater than|[Aa]t (?:least|most))|n['\u2019]t)"
    r" ?(?:[Ee]qual to |[Ee]xactly )?\(?$"
)
_BOUND_BEHIND = re.compile(
    r"\w|,\d|:\d|\.\d| ?[+*/^\u00d7\u00b7\u00f7<>\u2264\u2265\u2260\u00b1]| ?-+ ?[\d(\\]"
    rf"|\(| (?:(?i:{BEHIND})(?![A-Za-z])|and (?:a|one) (?:half|third|quarter)\b)"
)
_COMMAND = re.compile(r"\\[A-Za-z]")
_FACTORIAL = re.compile(r"\d\s?!")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_MARK = re.compile(r"(?i)\banswer\b[ *_$]*(?:(?:is|was)(?!n['\u2019]?t)|equals|=|:)[ *_:=]*|####")
_VARIABLE = re.compile(r"^[A-Za-z]\w* ?= ?")
# A factorial ends no sentence.
_SENTENCE_END = re.compile(r"(?:[.?]|(?<!\d)!)+(?=\s)|\n")
_NUMBERED_LIST = re.compile(r"(?s)1[.)] .*?\n2[.)] ")
# Words that may come between a mark and its number.
_LEAD = re.compile(
    r"(?i)(?:(?:it|this|is|equals|equal to|exactly|about|approximately|just|only|simply|therefore|thus|hence"
    r"|so|then|the|final|answer|result|value|total|of)\b[ :,]*)*"
)


def read_number(text: str, *, cut: bool = False) -> Fraction | None:
    """What `text` says; None when it says no number or cannot be understood.

    `cut`: the text ended at a limit, so that only what is complete counts: a closed box, or a whole sentence
    after a mark.
    """
    text = text[-MOST_CHARACTERS:]
    box = last_box(text)
    if box is not None:
        # In a box no sentence is exclaimed.
        return None if _FACTORIAL.search(box) else _single(_plain(box))
    marks = list(_MARK.finditer(text))
    if not marks:
        return None if cut else _unmarked(_plain(text))
    rest = _plain(text[marks[-1].end() :] + ("" if cut else "\n"))
    end = _SENTENCE_END.search(rest)
    if end is not None:
        sentence = rest[: end.start()]
        if _begins_with_number(sentence) and not _NUMBERED_LIST.match(rest.lstrip()):
            return _single(sentence)
    return None if cut else _unmarked(rest)


def _unmarked(plain: str) -> Fraction | None:
    whole = plain.strip(" .!?\n")
    if _SENTENCE_END.search(whole) is None:
        return _single(whole)
    found = _numbers(whole.replace("\n", " "))
    if found is not None and len(found) == 1:
        return found.pop()
    first = whole.partition("\n")[0].rstrip(" .!:")
    match = _NUMBER.fullmatch(_VARIABLE.sub("", first))
    return None if match is None else _value(match)


def _begins_with_number(sentence: str) -> bool:
    lead = _LEAD.match(sentence.lstrip())
    assert lead is not None, "it matches the empty text"
    rest = sentence.lstrip()[lead.end() :].lstrip("(")
    return _NUMBER.match(_VARIABLE.sub("", rest)) is not None


def _single(plain: str) -> Fraction | None:
    """The one number of a sentence; of an equation, the one that its last or else its first side is."""
    sides = [_numbers(side) for side in plain.split("=")]
    values = {value for numbers in sides if numbers is not None and len(numbers) == 1 for value in numbers}
    bare_first = _NUMBER.fullmatch(plain.partition("=")[0].strip()) is not None
    for numbers in (sides[-1], sides[0] if bare_first else None):
        if numbers is not None and len(numbers) == 1:
            return values.pop() if len(values) == 1 else None
    return None


def _numbers(side: str) -> set[Fraction] | None:
    """The different numbers; None when one of them is a part of something else, as beside LaTeX commands."""
    values = set()
    for match in _NUMBER.finditer(side):
        if _ORDINAL.match(side, match.end()):
            continue
        value = _value(match)
        before = side[max(0, match.start() - 20) : match.start()]
        if value is None or _BOUND_BEFORE.search(before) or _BOUND_BEHIND.match(side, match.end()):
            return None
        values.add(value)
    return None if values and _COMMAND.search(side) else values


def _value(match: re.Match[str]) -> Fraction | None:
    digits, part, below = match["digits"].replace(",", ""), match["part"] or "", match["below"]
    if len(digits) + len(part) + len(below or "") > MOST_DIGITS or (below is not None and int(below) == 0):
        return None
    value = Fraction(int(digits + part), 10 ** len(part)) / int(below or 1)
    return -value if match["sign"] == "-" else value


def _plain(text: str) -> str:
    """The text without what only sets it; one blank at most between words, no empty lines."""
    plain = _blanks(text.translate(_CHARACTERS))
    for pattern, replacement in _REWRITES:
        plain = pattern.sub(replacement, plain)
    return _blanks(plain)


def _blanks(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    joined = "\n".join(line for line in lines if line)
    # A blank or the end of a line at the very end tells a sentence that has ended from one that was cut.
    return joined + text[-1:] if text[-1:].isspace() else joined
