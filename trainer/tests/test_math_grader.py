r"""The grader `math`: on MATH-500's own golds, on answers that come near, and on answers that never end."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainer.evaluate.grader import grade
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.math.marks import read_marks, split_list

MATH500 = Path(__file__).parents[2].parent / "shared" / "data" / "math500.jsonl"
# On an idle machine an answer takes at most this.
PATIENCE_SECONDS = 2.0


@pytest.fixture(scope="module")
def judges() -> Iterator[MathGrader]:
    with MathGrader() as math:
        yield math


def golds() -> list[str]:
    if not MATH500.is_file():
        pytest.skip(f"{MATH500} is not there")
    return [json.loads(line)["answer"] for line in MATH500.read_text(encoding="utf-8").splitlines()]


def forms(gold: str) -> list[str]:
    """The same answer as people and models write it."""
    return [
        gold,
        f"${gold}$",
        rf"The answer is \boxed{{{gold}}}.",
        rf"Final Answer: The final answer is $\boxed{{{gold}}}$",
        gold.replace("\\dfrac", "\\frac").replace("\\frac", "\\dfrac"),
        re.sub(r"\s*([-+=])\s*", r" \1 ", gold) if "\\" not in gold else f"  {gold} ",
    ]


def near_misses(gold: str) -> list[str]:
    """Answers that differ in one digit or in the sign."""
    digits = list(re.finditer(r"\d", gold))
    ends = {match.start(): match for match in (digits[0], digits[-1])}.values() if digits else ()
    changed = [f"{gold[: match.start()]}{(int(match[0]) + 1) % 10}{gold[match.end() :]}" for match in ends]
    if re.fullmatch(r"-?[\d./]+|-?\\frac.*|-?[a-z]", gold):
        changed.append(gold.removeprefix("-") if gold.startswith("-") else f"-{gold}")
    # Minus zero is zero.
    return [each for each in changed if each != "-0"]


def test_every_gold_of_math500_is_right_in_its_own_and_in_other_forms(judges: MathGrader) -> None:
    wrong = [(gold, form) for gold in golds() for form in forms(gold) if judges.judge(gold, form) != "right"]
    assert wrong == []


def test_no_answer_that_differs_in_a_digit_or_the_sign_is_right(judges: MathGrader) -> None:
    pairs = [(gold, near) for gold in golds() for near in near_misses(gold)]
    assert len(pairs) > 1_000
    assert [pair for pair in pairs if judges.judge(*pair) == "right"] == []


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("073", "73"),
        ("10,000", "10000"),
        (r"10,\!080", "10080"),
        (r"\frac{1}{2}", "0.5"),
        (r"\frac{1}{2}", "½"),
        (r"-\frac{1}{2}", r"\frac{-1}{2}"),
        (r"11\sqrt2", r"\sqrt{242}"),
        ("2k+2", "2(k+1)"),
        ("p - q", "-q+p"),
        ("x=5", "5"),
        ("5", "x = 5"),
        (r"90^\circ", "90"),
        (r"90^\circ", "90 degrees"),
        (r"15\mbox{ cm}^2", "15"),
        (r"15\mbox{ cm}^2", r"15\text{ square centimeters}"),
        (r"15\mbox{ cm}^2", "15 cm²"),
        (r"\$18.90", "18.90 dollars"),
        (r"5.4 \text{ cents}", "5.4"),
        ("20\\%", "20 percent"),
        ("2516_8", "2516_{8}"),
        ("2516_8", "2516₈"),
        (r"\text{Evelyn}", "evelyn."),
        (r"\text{(C)}", "C"),
        (r"\text{(C)}", r"\text{C}"),
        ("3, 5, 7", "3,5,7"),
        ("1,-2", r"\{1,-2\}"),
        (r"\{1,2\}", r"\{2,1\}"),
        (r"1 \pm \sqrt{19}", r"1+\sqrt{19},1-\sqrt{19}"),
        ("42", "I think that it is 42."),
        ("7", r"Not \boxed{8} but \boxed{7}"),
    ],
)
def test_the_same_answer_in_other_words_is_right(judges: MathGrader, gold: str, answer: str) -> None:
    assert judges.judge(gold, answer) == "right"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("2516_8", "2516"),
        ("2516", "2516_8"),
        ("52_8", "52_9"),
        ("42", "52_8"),
        ("1,2", "2,1"),
        ("1,2", "1,2,3"),
        ("10", r"10\%"),
        (r"10\%", "0.1"),
        (r"15\mbox{ cm}^2", r"15\mbox{ cm}^3"),
        (r"15\mbox{ cm}^2", "15 cm"),
        ("864 inches^2", "864 feet^2"),
        (r"5.4 \text{ cents}", r"\$5.4"),
        (".0000672", ".0000673"),
        (r"\frac{14}{3}", "4.666"),
        ("(3,4]", "[3,4]"),
        (r"\text{Evelyn}", "Navin"),
        (r"\text{(C)}", r"\text{(D)}"),
        ("p - q", "q - p"),
        ("7", r"\boxed{7} and then \boxed{8}"),
    ],
)
def test_what_only_looks_like_the_answer_is_wrong(judges: MathGrader, gold: str, answer: str) -> None:
    assert judges.judge(gold, answer) == "wrong"


HOSTILE = (
    "9^{9^{9^{9}}}",
    "100000000!",
    r"\sum_{k=1}^{10^{12}} k^{k}",
    r"\int_0^1 x^{x^{x}} dx",
    r"\prod_{k=1}^{1000000} (x+k)",
    "(a+b+c+d+e)^{200}",
    r"\lim_{x \to 0} \frac{\sin(\sin(\sin(x)))}{x^{50}}",
    "(" * 3_000 + "1" + ")" * 3_000,
    r"\frac{" * 500 + "1" + "}{2}" * 500,
    r"\sqrt{" * 300 + "2" + "}" * 300,
    "1" * 100_000,
    "x^" * 1_000 + "2",
    r"\boxed{" * 1_000,
    "{" * 5_000,
    "1," * 20_000,
    "$" * 9_999,
    "\x00\x01\ud800",
    "",
)


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_an_answer_that_never_ends_holds_nobody_up_and_is_not_right(judges: MathGrader, answer: str) -> None:
    judges.judge("42", "41")
    begun = time.process_time()
    assert judges.judge("42", answer) in ("wrong", "unreadable")
    assert time.process_time() - begun < PATIENCE_SECONDS
    assert judges.judge("42", "42") == "right", "those that follow are judged as ever"


def test_what_says_nothing_is_unreadable_and_an_answer_cut_before_its_box_closes_is_not_graded(
    judges: MathGrader,
) -> None:
    def graded(text: str, *, cut: bool = False) -> str:
        return grade("math", text=text, reference=r"\frac{1}{2}", cut=cut, math=judges)

    assert graded("") == "unreadable"
    assert graded(r"Answer: \boxed{}") == "unreadable"
    assert graded(r"\frac{1}{2}", cut=True) == "unreadable"
    assert graded(r"so \boxed{\frac{1}{2", cut=True) == "unreadable"
    assert graded(r"so \boxed{0.5} because", cut=True) == "right"


def test_a_reference_that_is_no_expression_is_noticed(judges: MathGrader) -> None:
    assert judges.is_readable(r"\frac{1}{2}")
    assert judges.is_readable(r"\text{east}")
    assert not judges.is_readable("")
    assert not judges.is_readable("{{{")


def test_marks_are_taken_off_and_lists_are_split_outside_of_brackets() -> None:
    marks = read_marks(r"1,234\text{ square feet}")
    assert (marks.core, marks.unit, marks.base, marks.percent) == ("1234", (("foot", 2),), None, False)
    assert read_marks("4210_{5}").base == 5
    assert split_list(r"(1,2), \{3,4\}, 5") == ["(1,2)", r"\{3,4\}", "5"]
