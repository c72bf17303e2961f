r"""Whether an answer is the reference, by math-verify, where the marks of the two do not tell them apart.

Nothing here bounds time or memory: `server` does.
"""

from typing import Any, Literal

from math_verify import parse, verify
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig

from trainer.evaluate.boxed import last_box
from trainer.evaluate.math.marks import as_words, in_latex, read_marks, say_otherwise, split_list

Judgement = Literal["right", "wrong", "unreadable"]

# math-verify rounds to six decimals, and 0.0000672 is not 0.0000673.
RELATIVE = 1e-6
# Characters of an answer that may be nothing but its expression; a longer one is read as prose.
SHORT = 200
_BOXED = (LatexExtractionConfig(boxed_match_priority=0),)
_PROSE = (LatexExtractionConfig(), ExprExtractionConfig())


def judge(reference: str, text: str) -> Judgement:
    """`text` is what the model answers, `reference` an expression; both may be a whole sentence."""
    gold, found = _expression(reference), _expression(text)
    if found is None:
        return "unreadable"
    if gold is None:
        return "wrong"
    return _same(gold, found)


def is_readable(reference: str) -> bool:
    """Whether a reference is something that answers can be held against."""
    found = _expression(reference)
    return found is not None and (read_marks(found).words is not None or _parsed(found) is not None)


def _same(gold: str, found: str) -> Judgement:
    marks, others = read_marks(gold), read_marks(found)
    if say_otherwise(marks, others):
        return "wrong"
    if marks.words is not None:
        return "right" if as_words(found) == marks.words else "wrong"
    wanted, given = split_list(marks.core), split_list(others.core)
    if len(wanted) > 1 and len(given) > 1:
        # Without brackets the order counts: "1,2" is not "2,1".
        if len(wanted) != len(given):
            return "wrong"
        parts = [_equal(one, other) for one, other in zip(wanted, given, strict=True)]
        if "wrong" in parts:
            return "wrong"
        return "unreadable" if "unreadable" in parts else "right"
    return _equal(marks.core, others.core)


def _equal(gold: str, found: str) -> Judgement:
    if "".join(gold.split()) == "".join(found.split()):
        return "right"
    other = _parsed(found)
    if other is None:
        return "unreadable"
    wanted = _parsed(gold)
    if wanted is None or not verify(wanted, other, timeout_seconds=None):
        return "wrong"
    return "wrong" if _numbers_differ(wanted, other) else "right"


def _numbers_differ(gold: Any, found: Any) -> bool:
    numbers = [expression for expression in (gold, found) if getattr(expression, "is_number", False)]
    if len(numbers) < 2:
        return False
    one, other = (complex(number.evalf(20)) for number in numbers)
    return abs(one - other) > RELATIVE * max(abs(one), abs(other))


def _expression(text: str) -> str | None:
    """The part of a text that is its answer, as it is written there."""
    box = last_box(text)
    if box is not None:
        return box or None
    stripped = in_latex(text).strip()
    if stripped == "":
        return None
    if as_words(stripped) is not None or (len(stripped) <= SHORT and _parsed(stripped) is not None):
        return stripped
    found = parse(stripped, extraction_config=_PROSE, parsing_timeout=None)
    written = [each for each in found if isinstance(each, str)]
    return written[0] if written else stripped if len(found) > 0 else None


def _parsed(core: str) -> Any:
    """A SymPy expression; None where there is none to be read."""
    found = parse(rf"\boxed{{{core}}}", extraction_config=_BOXED, parsing_timeout=None)
    return next((each for each in found if not isinstance(each, str)), None)
