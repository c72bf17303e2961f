r"""Whether an answer is the reference, by math-verify, where the marks of the two do not tell them apart.

Nothing here bounds time or memory: `server` does.
"""

import re
from typing import Any, Literal

from math_verify import parse, verify
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig
from sympy import FiniteSet, I, Interval, MatrixBase, Tuple, default_sort_key

from trainer.evaluate.boxed import last_box
from trainer.evaluate.math.answer_place import has_words, is_prose, marked, only_formula
from trainer.evaluate.math.brackets import enclosed_list, in_order_of
from trainer.evaluate.math.marks import (
    as_dated_words,
    as_words,
    read_marks,
    say_otherwise,
    without_letter_unit,
)
from trainer.evaluate.math.notation import in_latex, without_blanks

Judgement = Literal["right", "wrong", "unreadable"]

# math-verify rounds to six decimals, and 0.0000672 is not 0.0000673.
RELATIVE = 1e-6
# Characters of an answer that may be nothing but its expression; a longer one is read as prose.
SHORT = 200
_BOXED = (LatexExtractionConfig(boxed_match_priority=0),)
# What a gold is set as words by.
MARKED = re.compile(r"\\(?:text|mbox|mathrm|operatorname)")
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
    return found is not None and (read_marks(found).words is not None or _is_expression(found))


def _same(gold: str, found: str) -> Judgement:
    marks, others = read_marks(gold), read_marks(found)
    if say_otherwise(marks, others):
        return "wrong"
    if marks.words is not None and (others.words is not None or MARKED.search(gold)):
        return "right" if marks.words in (others.words, as_dated_words(found)) else "wrong"
    given_core = without_letter_unit(others, marks.unit)
    brackets, wanted = enclosed_list(marks.core)
    others_brackets, given = enclosed_list(given_core)
    if {brackets, others_brackets} == {"round", "curly"}:
        return "wrong"
    # Without brackets the order counts, as it does in round ones: "1,2" is not "2,1".
    if {brackets, others_brackets} in ({"none"}, {"none", "round"}):
        return _all_equal(wanted, in_order_of(wanted, given))
    return _equal(marks.core, given_core)


def _all_equal(wanted: list[str], given: list[str]) -> Judgement:
    if len(wanted) != len(given):
        return "wrong"
    parts = [_equal(one, other) for one, other in zip(wanted, given, strict=True)]
    if "wrong" in parts:
        return "wrong"
    return "unreadable" if "unreadable" in parts else "right"


def _equal(gold: str, found: str) -> Judgement:
    if without_blanks(gold) == without_blanks(found):
        return "right"
    other = _parsed(found)
    if other is None:
        return "unreadable"
    wanted = _parsed(gold)
    if wanted is None:
        return "wrong"
    wanted, other = _as_complex(wanted, other)
    if not verify(wanted, other, allow_set_relation_comp=True, timeout_seconds=None):
        return "wrong"
    return "wrong" if _numbers_differ(wanted, other) else "right"


def _as_complex(gold: Any, found: Any) -> tuple[Any, Any]:
    """With i as the imaginary unit where no other letter stands: math-verify takes it for a variable."""
    letters = {*getattr(gold, "free_symbols", ()), *getattr(found, "free_symbols", ())}
    if {letter.name for letter in letters} != {"i"}:
        return gold, found
    return gold.subs(dict.fromkeys(letters, I)), found.subs(dict.fromkeys(letters, I))


def _numbers_differ(gold: Any, found: Any) -> bool:
    """Whether two numbers, or those of two points, intervals, sets or matrices, differ further on."""
    ours, theirs = _members(gold), _members(found)
    if len(ours) > 1 and len(ours) == len(theirs):
        return any(_numbers_differ(one, other) for one, other in zip(ours, theirs, strict=True))
    numbers = [expression for expression in (gold, found) if getattr(expression, "is_number", False)]
    if len(numbers) < 2:
        return False
    one, other = (complex(number.evalf(20)) for number in numbers)
    return abs(one - other) > RELATIVE * max(abs(one), abs(other))


def _members(expression: Any) -> list[Any]:
    if isinstance(expression, MatrixBase):
        return list(expression.flat())
    if isinstance(expression, Interval):
        return [expression.start, expression.end]
    if isinstance(expression, FiniteSet):
        return sorted(expression.args, key=default_sort_key)
    return list(expression.args) if isinstance(expression, Tuple) else []


def _expression(text: str) -> str | None:
    """The part of a text that is its answer, as it is written there."""
    box = last_box(text)
    if box is not None:
        return box or None
    stripped = in_latex(text).strip()
    if stripped == "":
        return None
    places = marked(stripped)
    for said in places:
        if len(said) <= SHORT and (formula := only_formula(said)) is not None:
            return formula
        if as_words(said) is not None or (len(said) <= SHORT and not is_prose(said) and _is_expression(said)):
            return said
    if not has_words(places[-1]):
        # Without words it is the answer as a whole, or none: a part of it would be another answer. What math-
        # verify has no reader for, as a function by cases, is itself at least.
        return places[-1] if r"\begin{" in places[-1] else None
    found = parse(places[-1], extraction_config=_PROSE, parsing_timeout=None)
    written = [each for each in found if isinstance(each, str)]
    return written[0] if written else places[-1] if len(found) > 0 else None


def _is_expression(said: str) -> bool:
    return _parsed(read_marks(said).core) is not None


def _parsed(core: str) -> Any:
    """A SymPy expression; None where there is none to be read."""
    found = parse(rf"\boxed{{{core}}}", extraction_config=_BOXED, parsing_timeout=None)
    return next((each for each in found if not isinstance(each, str)), None)
