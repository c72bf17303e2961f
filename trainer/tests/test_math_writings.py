r"""The grader `math`: writings that math-verify takes for something else, or cannot read."""

from collections.abc import Iterator

import pytest

from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.number_reader import read_number


@pytest.fixture(scope="module")
def judges() -> Iterator[MathGrader]:
    with MathGrader() as math:
        yield math


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\frac{dy}{dx}", "dy/dx"),
        (r"\frac{dy}{dx}", r"\dfrac{d}{dx} y"),
        (r"2\frac{d\theta}{dt}", r"\frac{d \theta}{d t} \cdot 2"),
        (r"\frac{d^2y}{dx^2}", r"\frac{d^{2} y}{dx^{2}}"),
        ("2x", r"\frac{dy}{dx} = 2x"),
        ("2x", r"\frac{d}{dx} x^2"),
        (r"\frac12", r"\sin 30^\circ"),
        (r"\sin 30^\circ", "0.5"),
        (r"\frac14", r"\sin^2\left(30^{\circ}\right)"),
        (r"30^\circ", r"\theta = 30^\circ"),
        ("no", r"\text{No}"),
        ("ta", "at"),
        ("x=1,y=2", "y = 2, x = 1"),
        (r"x_1=\frac12,x_2=2", "x_2=2,x_1=0.5"),
        ("a=1,b=2,c=3", "(c=3, a=1, b=2)"),
        ("100000", "1e5"),
        ("1500", "The answer is 1.5E+3."),
        (r"6.7 \times 10^{-5}", "6.7e-5"),
        ("1+2e", "2e+1"),
        ("3000000", r"3\text{ million}"),
        ("2.5 million", "2,500,000"),
        ("144", "12 dozen"),
        (r"\$3,000,000", r"3 \text{ million dollars}"),
        ("12", "12 times"),
        ("12", "12 pairs"),
        (r"x^2\text{ or more}", r"x^2\text{ or more}"),
        ("101_2", "(101)_2"),
        ("2516_8", "2516 in base 8"),
        ("2516_8", r"2516\text{ (base 8)}"),
        ("2516_8", r"2516_8\text{ in base }8"),
        ("5", r"5\text{ percentage points}"),
        ("6:30", "6{:}30"),
        ("-5", "\N{EN DASH}5"),
        ("42", "\N{MATHEMATICAL BOLD DIGIT FOUR}\N{MATHEMATICAL BOLD DIGIT TWO}"),
        (r"\langle 1,2\rangle", r"\left\langle 1, 2 \right\rangle"),
        ("-1", r"e^{i\pi}"),
        ("2i", "(1+i)^2"),
        (r"\frac{2-i}{5}", r"\frac{1}{2+i}"),
        ("f^{-1}(x)=x+1", "x+1"),
        (r"A^T", r"A^{T}"),
        (r"\frac{1}{2}", r"\sin(10+20)^\circ"),
        (r"\frac{1}{2}", r"\sin(10^\circ+20^\circ)"),
    ],
)
def test_one_answer_in_two_writings_is_right(judges: MathGrader, gold: str, answer: str) -> None:
    assert judges.judge(gold, answer) == "right"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\frac{dx}{dy}", r"\frac{dy}{dx}"),
        (r"\frac{d\theta}{dt}", r"\frac{dt}{d\theta}"),
        ("0", r"\frac{dy}{dx}"),
        ("0", r"\frac{d}{dx} y"),
        (r"\frac{y}{x}", "dy/dx"),
        (r"\frac{dy}{dx}", r"\frac{dY}{dX}"),
        (r"\frac{\partial u}{\partial x}", r"\frac{du}{dx}"),
        (r"\frac{d^2y}{dx^2}", r"\frac{dy}{dx}"),
        (r"\sin 30", r"\sin 30^\circ"),
        (r"\sin 30^\circ", r"\sin(30)"),
        (r"\sin x", r"\sin x^\circ"),
        ("no", "on"),
        (r"\text{no}", "on"),
        ("x=1,y=2", "x=2,y=1"),
        ("a=1,b=2,c=3", "c=1,a=2,b=3"),
        ("x=1,2", "x=2,1"),
        ("100000", "1e4"),
        ("1", "1e5"),
        ("e^5", "1e5"),
        ("2e^3", "2e3"),
        ("20", "2e+1"),
        ("0.2", "2e-1"),
        (r"12\text{ hours}", r"12\text{ million}"),
        ("12", "12 hundredths"),
        ("12", "The answer is 12 million."),
        ("12", "12 in base 5"),
        ("3000000", "3 billion"),
        ("101_2", "(101)_3"),
        ("2516_8", "2516 in base 9"),
        ("2516_8", r"2516_8\text{ in base }9"),
        ("101_2", "(101)"),
        ("2i", "(1-i)^2"),
        ("-x", "i^2 x"),
        ("f^{-1}(x)", r"\frac{1}{f(x)}"),
        ("A^T", "A"),
        ("A", "A^{T}"),
        (r"\sin(x+10)^\circ", r"\sin(x+10)"),
        (r"\sin(x+10)^\circ", r"\sin(x+10^\circ)"),
        (r"\sin(x+10)", r"\sin(x+10^\circ)"),
    ],
)
def test_two_answers_in_writings_that_resemble_each_other_are_not_one(
    judges: MathGrader, gold: str, answer: str
) -> None:
    assert judges.judge(gold, answer) == "wrong"


# What a word makes another number of, in the writings that a unit may have.
BESIDE = [
    *("hundred", "thousand", "million", "billions", "trillion", "dozen", "thirds", "thousandths"),
    *("squared", "cubed", "factorial", "or more", "or less", "times pi", "base eight", "below zero"),
]


@pytest.mark.parametrize("word", BESIDE)
def test_a_word_that_makes_another_number_is_no_unit(judges: MathGrader, word: str) -> None:
    for written in (
        f"12 {word}",
        rf"12\text{{ {word}}}",
        rf"\boxed{{12 {word}}}",
        rf"\boxed{{12\;\text{{{word}}}}}",
    ):
        assert judges.judge("12", written) != "right", written
        assert judges.judge("12 apples", written) != "right", written
        assert read_number(written) != 12, written
    assert judges.judge(f"12 {word}", rf"\boxed{{12 \text{{ {word}}}}}") == "right"


def test_functions_by_cases_are_not_read_by_their_first_case(judges: MathGrader) -> None:
    one = r"\begin{cases} 1 & x>0 \\ 0 & x\le 0\end{cases}"
    other = r"\begin{cases} 0 & x>0 \\ 1 & x\le 0\end{cases}"
    assert judges.judge(one, other) != "right" and judges.judge("1", one) != "right"
    assert judges.judge(one, one.replace(" ", "")) == "right"
