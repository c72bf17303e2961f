r"""The grader `math`: writings that math-verify takes for something else, or cannot read."""

from collections.abc import Iterator

import pytest

from trainer.evaluate.math.client import MathGrader


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
    ],
)
def test_two_answers_in_writings_that_resemble_each_other_are_not_one(
    judges: MathGrader, gold: str, answer: str
) -> None:
    assert judges.judge(gold, answer) == "wrong"
