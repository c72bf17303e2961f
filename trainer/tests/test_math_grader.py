r"""The grader `math`: on MATH-500's own golds, on answers that come near, and on answers that never end."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainer.evaluate.grader import grade
from trainer.evaluate.math.brackets import split_list
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.math.marks import read_marks
from trainer.evaluate.math.server import processor_seconds
from trainer.tests.grading_sets import NEAR, SAME, made
from trainer.tests.hostile_answers import hostile_answers

MATH500 = Path(__file__).parents[2].parent / "shared" / "data" / "math500.jsonl"
# Of processor time, which is what an idle machine's clock shows.
PATIENCE_SECONDS = 2.0


@pytest.fixture(scope="module")
def judges() -> Iterator[MathGrader]:
    with MathGrader() as math:
        yield math


def golds() -> list[str]:
    if not MATH500.is_file():
        pytest.skip(f"{MATH500} is not there")
    return [json.loads(line)["answer"] for line in MATH500.read_text(encoding="utf-8").splitlines()]


def test_every_gold_of_math500_is_right_in_its_own_and_in_other_forms(judges: MathGrader) -> None:
    answers = made(SAME, golds())
    assert [one for one in answers if judges.judge(one.gold, one.text) != "right"] == []
    assert len(answers) > 6_000


def test_no_answer_that_only_comes_near_a_gold_of_math500_is_right(judges: MathGrader) -> None:
    answers = made(NEAR, golds())
    assert [one for one in answers if judges.judge(one.gold, one.text) == "right"] == []
    assert len(answers) > 3_500
    assert {one.kind for one in answers} == set(NEAR), "every kind of miss was tried"


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
        ("42", "The answer is $42$."),
        ("42", "Answer: 42"),
        ("42", "**Answer:** $42$"),
        ("42", "Final Answer: **42**"),
        ("42", "Hence `42`"),
        ("42", "Answer: First we note $x=3$. Then the total is $42$."),
        ("x^2", "So the answer is \\(x^2\\)."),
        (r"15\text{ cm}", "The answer is $15$ cm."),
        (r"15\text{ m}^2", "15 m^2"),
        (r"\text{Evelyn}", "Final Answer: The final answer is Evelyn."),
        (r"\text{June 20}", "June 20"),
        ("42", "\uff14\uff12"),
        (r"\sqrt{2}", "√2"),
        (r"\infty", "∞"),
        (r"\emptyset", r"\varnothing"),
        (r"\frac\pi 2", r"\frac{\pi}{2}"),
        (r"\ge 3", "≥3"),
        (r"\frac{3}{2}", "1 1/2"),
        (r"\frac{1}{6}", r"0.1\overline{6}"),
        ("10000", r"10\,000"),
        ("[-2,7]", r"-2 \le x \le 7"),
        ("(5,125)", r"\left(5, 125\right)"),
        ("(3,4)", "3,4"),
        (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
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
        (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 2 \\ 1 \end{pmatrix}"),
        (
            r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
            r"\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}",
        ),
        ("(0,1)", r"\{0,1\}"),
        (r"\{1,2\}", "(2,1)"),
        ("1,2", "(2,1)"),
        ("3", "Answer: First we note $x=3$. Then the total is $42$."),
        ("[0,100]", "(0,100)"),
        ("(5,125)", "5125"),
        ("12", "1 2"),
        ("11/2", "1 1/2"),
        ("(0.0000672,1)", "(0.0000673,1)"),
        (r"0.\overline{3}", "0.333"),
        ("5", r"\ge 5"),
        ("5", r"\ne 5"),
        ("5", "< 5"),
        ("n", "N"),
        (r"\pi R^2", r"\pi r^2"),
        ("y'=2x", "y=2x"),
        ("east", "seat"),
        (r"\$50", "€50"),
        (r"15\text{ cm}", "15 m"),
        (r"15\text{ cm}", "The answer is $15$ m."),
        ("3:00 p.m.", "3:00 a.m."),
    ],
)
def test_what_only_looks_like_the_answer_is_wrong(judges: MathGrader, gold: str, answer: str) -> None:
    assert judges.judge(gold, answer) == "wrong"


def processor_seconds_of(judges: MathGrader) -> float:
    """Of the judges and of all children that they have had."""
    assert judges.pid is not None
    children = Path(f"/proc/{judges.pid}/task/{judges.pid}/children").read_text(encoding="ascii").split()
    stat = Path(f"/proc/{judges.pid}/stat").read_text(encoding="ascii")
    # User and system time of the process and of the children that it has waited for (proc(5), 14 to 17).
    own = sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(int(child)) or 0 for child in children)


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="/proc tells what a process has used")
def test_an_answer_that_never_ends_holds_nobody_up_and_is_not_right(judges: MathGrader) -> None:
    answers = hostile_answers()
    assert len(answers) > 1_000
    # All of them take ten minutes (`npm test -- --slow --only hostile`); these are of every family.
    chosen = answers if os.environ.get("STINT_HOSTILE_ANSWERS") == "all" else answers[::11]
    judges.judge("42", "41")
    slow, right = [], []
    for answer in chosen:
        begun = processor_seconds_of(judges)
        if judges.judge("42", answer) == "right":
            right.append(answer[:80])
        seconds = processor_seconds_of(judges) - begun
        if seconds > PATIENCE_SECONDS:
            slow.append((seconds, answer[:80]))
    assert (slow, right) == ([], [])
    assert judges.judge("42", "42") == "right", "those that follow are judged as ever"


def test_of_an_answer_without_words_no_part_is_graded(judges: MathGrader) -> None:
    assert [judges.judge("5", text) for text in ("5?", r"5 \\\\ 6", r"5\&")] == ["unreadable"] * 3


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
