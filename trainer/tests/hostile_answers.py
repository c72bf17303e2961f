r"""Answers that no person would write and a model may: that never end, nest without end, or say nothing.

Families by name, each in several sizes. None of them says 42.
"""

import itertools
from collections.abc import Callable

_SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000)

# What takes for ever to work out, however short it is written.
_ENDLESS = (
    "9^{9^{9^{9}}}",
    "2^{2^{2^{2^{2^{2}}}}}",
    "(-3)^{10^{10^{10}}}",
    "10^{-10^{10^{10}}}",
    "(9^{9^9})!",
    "100000000!",
    "((((3!)!)!)!)!",
    r"\binom{10^{9}}{10^{8}}",
    r"\sum_{k=1}^{10^{12}} k^{k}",
    r"\sum_{k=1}^{\infty} \frac{\sin(k^k)}{k!}",
    r"\prod_{k=1}^{1000000} (x+k)",
    r"\int_0^1 x^{x^{x}} dx",
    r"\int_0^\infty \frac{e^{-x^5} \sin(x^7)}{1+x^{11}} dx",
    r"\lim_{x \to 0} \frac{\sin(\sin(\sin(x)))}{x^{50}}",
    r"\frac{d}{dx} x^{x^{x^{x^{x}}}}",
    "(a+b+c+d+e)^{200}",
    "(x^{999}-1)(x^{998}-1)(x^{997}-1)(x^{996}-1)",
    r"\sqrt[1000000007]{7^{1000000007^{3}}}",
    r"\log_{10}(9^{9^{9^{9}}})",
    "7 \\bmod 10^{10^{10^{10}}}",
)

_LONG: dict[str, Callable[[int], str]] = {
    "deep brackets": lambda size: "(" * size + "1" + ")" * size,
    "deep sets": lambda size: r"\{" * size + "1" + r"\}" * size,
    "brackets that stay open": lambda size: "(" * size,
    "brackets that were never open": lambda size: ")" * size + "1",
    "braces that stay open": lambda size: "{" * size,
    "boxes that stay open": lambda size: r"\boxed{" * size,
    "boxes in boxes": lambda size: r"\boxed{" * size + "1" + "}" * size,
    "fractions in fractions": lambda size: r"\frac{" * size + "1" + "}{2}" * size,
    "roots in roots": lambda size: r"\sqrt{" * size + "2" + "}" * size,
    "powers of powers": lambda size: "x^{" * size + "2" + "}" * size,
    "indices of indices": lambda size: "x_{" * size + "2" + "}" * size,
    "powers without braces": lambda size: "x^" * size + "2",
    "words in words": lambda size: r"\text{" * size + "no" + "}" * size,
    "one long number": lambda size: "1" * (10 * size),
    "one long decimal": lambda size: "0." + "1" * (10 * size),
    "a long sum": lambda size: "+".join(f"x^{{{place}}}" for place in range(size)),
    "a long product": lambda size: "".join(f"(x-{place})" for place in range(size)),
    "a long list": lambda size: "1," * size,
    "a long set": lambda size: r"\{" + ",".join(map(str, range(100, 100 + size))) + r"\}",
    "a long equation": lambda size: "x=" * size + "1",
    "many signs": lambda size: "-" * size + "1",
    "many factorials": lambda size: "3" + "!" * size,
    "many dollars": lambda size: "$" * size + "x",
    "many points": lambda size: "." * size,
    "many spaces": lambda size: "x" + " " * size + "x",
    "many backslashes": lambda size: "\\" * size,
    "many commands": lambda size: r"\alpha" * size,
    "many units": lambda size: "1" + r"\text{ cm}" * size,
    "many percent signs": lambda size: "1" + r"\%" * size,
    "many degrees": lambda size: "1" + r"^\circ" * size,
    "many thousands": lambda size: "1" + ",000" * size,
    "many matrices": lambda size: r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}" * size,
    "many plus-minuses": lambda size: r"1 \pm 2" * size,
    "many intervals": lambda size: r"(1,2] \cup " * size + "(3,4)",
    "control characters": lambda size: "\x00\x01\x1b" * size,
    "halves of characters": lambda size: "\ud800" * size,
    "other digits": lambda size: "\N{ARABIC-INDIC DIGIT FOUR}" * size,
    "marks above marks": lambda size: "x" + "\N{COMBINING ACUTE ACCENT}" * size,
    "prose": lambda size: "The answer is not what you think. " * size,
    "calls for help": lambda size: "__import__('os').system('true')," * size,
}


def hostile_answers() -> list[str]:
    """Each bare, in a box and behind the mark of an answer."""
    long = [make(size) for make in _LONG.values() for size in _SIZES]
    around = ("{}", r"\boxed{{{}}}", "Answer: {}")
    return [form.format(answer) for form, answer in itertools.product(around, (*_ENDLESS, *long))]
