r"""Where in a text its answer stands, as its words and signs tell: behind "Answer:", or between dollars.

math-verify reads the letters of words as variables, so that a sentence around a formula were a product.
"""

import re

_MARK = re.compile(r"(?i)\banswer\s*(?:is\b\s*:?|:|=)")
_LEAD = re.compile(r"(?i)(?:so|thus|hence|therefore|then)\b[ :,]+")
_SENTENCE_END = re.compile(r"[.?!]+(?=\s|$)|\n")
_FORMULA = re.compile(r"\$([^$]+)\$|\\\(([^()]*(?:\([^()]*\)[^()]*)*)\\\)")
_UNIT_BEHIND = re.compile(r"\s*((?:\S+\s?){0,2})")
# The name of an environment, as in \\begin{cases}, is none.
_WORD = re.compile(r"(?<![A-Za-z\\])(?<!\\begin\{)(?<!\\end\{)[A-Za-z]{2,}")
_DIGIT_OR_SIGN = re.compile(r"[\d\\+*/^=]")
# A list is written with these between its formulas.
_JOINERS = frozenset(["and", "or"])


def marked(text: str) -> list[str]:
    """What follows the last mark, its first sentence before all of it; the text where there is no mark.

    A sentence that begins with a word begins an explanation: s1 puts "Answer:" in front of whole solutions.
    """
    places = list(_MARK.finditer(text))
    rest = text[places[-1].end() :].strip() if places else ""
    if not rest:
        return [_LEAD.sub("", text, count=1) if _LEAD.match(text) else text]
    end = _SENTENCE_END.search(rest)
    sentence = rest[: end.start()].strip() if end else rest
    return [rest] if _WORD.match(sentence) else [sentence, rest]


def has_words(text: str) -> bool:
    return _WORD.search(text) is not None


def is_prose(text: str) -> bool:
    """Whether words stand around formulas, or several of them before a number."""
    around = {word.casefold() for word in _WORD.findall(_FORMULA.sub(" ", text))}
    if _FORMULA.search(text):
        return not around <= _JOINERS
    before = _WORD.findall(_DIGIT_OR_SIGN.split(text, maxsplit=1)[0])
    return len(before) > 1 and any(len(word) > 2 for word in before)


def only_formula(text: str) -> str | None:
    """The one formula of a sentence, with the unit behind; None of any other text."""
    found = list(_FORMULA.finditer(text))
    if len(found) != 1:
        return None
    words = {word.casefold() for word in _WORD.findall(text[: found[0].start()])}
    behind = _UNIT_BEHIND.fullmatch(text[found[0].end() :].rstrip(" .!?"))
    if behind is None or not (words - _JOINERS or behind[1]):
        return None
    return f"{found[0][1] or found[0][2]} {behind[1]}".strip()
