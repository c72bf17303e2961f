r"""Answers that are made from a gold: the same one in other writing, and others that only come near it.

Each way to write and each way to miss is a kind with a name, so that a test can say which kind fails and how
many answers each was tried on. A kind says nothing of a gold that it does not fit.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

_DIGIT = re.compile(r"\d")
_INTEGER = re.compile(r"-?\d+")
_FRACTION = re.compile(r"(-?)\\d?frac\{(\d+)\}\{(\d+)\}")
_SCALAR = re.compile(r"-?[\d.]+|-?\\d?frac.*|-?\\sqrt.*|-?[a-z]")
_TUPLE = re.compile(r"(\\left)?\(([^()]*)(\\right)?\)")
_MATRIX = re.compile(r"(\\begin\{[a-z]+\})(.*)(\\end\{[a-z]+\})", re.DOTALL)
_POWER = re.compile(r"\^\{?(\d)\}?")
_ROOT = re.compile(r"\\sqrt\{([^{}]*)\}")
_INTERVAL = re.compile(r"[(\[][^()\[\]]*,[^()\[\]]*[)\]]")
_VARIABLE = re.compile(r"(?<![A-Za-z\\])[a-z](?![A-Za-z{])")

Kind = Callable[[str], Iterable[str]]


class Made(NamedTuple):
    kind: str
    gold: str
    text: str


def _is_plain(gold: str) -> bool:
    return "\\" not in gold


def _as_decimal(gold: str) -> Iterable[str]:
    found = _FRACTION.fullmatch(gold)
    if found is None:
        return
    value = Fraction(int(found[2]), int(found[3]))
    if (10**6 * value).denominator == 1:
        yield f"{found[1]}{float(value)}"


def _as_slash(gold: str) -> Iterable[str]:
    found = _FRACTION.fullmatch(gold)
    if found is not None:
        yield f"{found[1]}{found[2]}/{found[3]}"


def _as_expanded_fraction(gold: str) -> Iterable[str]:
    found = _FRACTION.fullmatch(gold)
    if found is not None:
        yield rf"{found[1]}\frac{{{3 * int(found[2])}}}{{{3 * int(found[3])}}}"


def _with_point(gold: str) -> Iterable[str]:
    if _INTEGER.fullmatch(gold):
        yield f"{gold}.0"


def _with_thousands(gold: str) -> Iterable[str]:
    if _INTEGER.fullmatch(gold) and abs(int(gold)) >= 1_000:
        yield f"{int(gold):,}"


def _with_zeros(gold: str) -> Iterable[str]:
    if gold.isdecimal():
        yield f"00{gold}"


def _as_equation(gold: str) -> Iterable[str]:
    if _SCALAR.fullmatch(gold):
        yield f"x = {gold}"


def _root_as_power(gold: str) -> Iterable[str]:
    if _ROOT.search(gold):
        yield _ROOT.sub(r"(\1)^{1/2}", gold)


SAME: dict[str, Kind] = {
    "its own": lambda gold: [gold],
    "in dollars": lambda gold: [f"${gold}$"],
    "in display brackets": lambda gold: [rf"\[{gold}\]"],
    "boxed in a sentence": lambda gold: [rf"The answer is \boxed{{{gold}}}."],
    "boxed behind s1's mark": lambda gold: [rf"Final Answer: The final answer is $\boxed{{{gold}}}$"],
    "boxed behind another box": lambda gold: [rf"First \boxed{{-12345}}, but no: \boxed{{{gold}}}"],
    "in small brackets, in a sentence": lambda gold: [rf"\({gold}\)."],
    "boxed with a point": lambda gold: [rf"\boxed{{{gold}.}}"],
    "in large fractions": lambda gold: [gold.replace("\\dfrac", "\\frac").replace("\\frac", "\\dfrac")],
    "in spaces": lambda gold: [re.sub(r"\s*([-+=])\s*", r" \1 ", gold) if _is_plain(gold) else f"  {gold} "],
    "as a decimal": _as_decimal,
    "with a slash": _as_slash,
    "as an expanded fraction": _as_expanded_fraction,
    "with a decimal point": _with_point,
    "with thousands": _with_thousands,
    "with leading zeros": _with_zeros,
    "as an equation": _as_equation,
    "with roots as powers": _root_as_power,
}


def _other_digits(gold: str) -> Iterable[str]:
    """The first and the last digit, each one up."""
    digits = list(_DIGIT.finditer(gold))
    for match in {each.start(): each for each in (*digits[:1], *digits[-1:])}.values():
        yield f"{gold[: match.start()]}{(int(match[0]) + 1) % 10}{gold[match.end() :]}"


def _other_sign(gold: str) -> Iterable[str]:
    if _SCALAR.fullmatch(gold) and gold != "0":
        yield gold.removeprefix("-") if gold.startswith("-") else f"-{gold}"


def _other_power(gold: str) -> Iterable[str]:
    for match in _POWER.finditer(gold):
        if not gold[match.end() :].startswith(r"\circ"):
            yield f"{gold[: match.start()]}^{{{int(match[1]) + 1}}}{gold[match.end() :]}"


def _without_root(gold: str) -> Iterable[str]:
    for match in _ROOT.finditer(gold):
        if match[1] not in ("0", "1"):
            yield f"{gold[: match.start()]}{{({match[1]})}}{gold[match.end() :]}"


def _upside_down(gold: str) -> Iterable[str]:
    found = _FRACTION.fullmatch(gold)
    if found is not None and found[2] not in (found[3], "0"):
        yield rf"{found[1]}\frac{{{found[3]}}}{{{found[2]}}}"


def _other_order(gold: str) -> Iterable[str]:
    found = _TUPLE.fullmatch(gold)
    if found is None:
        return
    parts = [part.strip() for part in found[2].split(",")]
    turned = [*parts[1:], *parts[:1]]
    if len(parts) > 1 and turned != parts:
        yield f"({','.join(turned)})"


def _other_entries(gold: str) -> Iterable[str]:
    """A matrix with the first and the last of its rows swapped, and of its columns."""
    found = _MATRIX.fullmatch(gold)
    if found is None:
        return
    rows = [[entry.strip() for entry in row.split("&")] for row in found[2].split(r"\\")]
    across = [[*row[1:], row[0]] for row in rows]
    for turned in ([*rows[1:], rows[0]], across):
        if turned != rows:
            yield found[1] + r" \\ ".join(" & ".join(row) for row in turned) + found[3]


def _part_missing(gold: str) -> Iterable[str]:
    found = _TUPLE.fullmatch(gold)
    parts = (found[2] if found else gold).split(",")
    if len(parts) > 1 and not _INTEGER.fullmatch(gold.replace(",", "").replace(r"\!", "")):
        yield f"({','.join(parts[:-1])})" if found else ",".join(parts[:-1])


def _other_brackets(gold: str) -> Iterable[str]:
    """An end at infinity is open however it is written."""
    if _INTERVAL.fullmatch(gold) and gold[0] + gold[-1] != "()" and r"\infty" not in gold:
        for brackets in itertools.product("([", ")]"):
            if brackets != (gold[0], gold[-1]):
                yield brackets[0] + gold[1:-1] + brackets[1]


def _as_percent(gold: str) -> Iterable[str]:
    if _INTEGER.fullmatch(gold) and gold != "0":
        yield rf"{gold}\%"


def _in_a_base(gold: str) -> Iterable[str]:
    if gold.isdecimal() and len(gold) > 1:
        yield f"{gold}_{{{int(max(gold)) + 2}}}"


def _without_base(gold: str) -> Iterable[str]:
    if "_" in gold:
        yield gold.partition("_")[0]


def _other_point(gold: str) -> Iterable[str]:
    if _INTEGER.fullmatch(gold) and int(gold) != 0:
        yield f"{gold}0"
        yield str(int(gold) / 10) if int(gold) % 10 else f"{int(gold) / 10:.0f}"


def _nearly(gold: str) -> Iterable[str]:
    """What somebody gets who rounds: not the number any more."""
    found = _FRACTION.fullmatch(gold)
    if found is not None:
        value = Fraction(int(found[2]), int(found[3]))
        if (10**3 * value).denominator != 1:
            yield f"{found[1]}{float(value):.3f}"
    if _INTEGER.fullmatch(gold):
        yield f"{gold}.01"


def _other_variable(gold: str) -> Iterable[str]:
    names = {match[0] for match in _VARIABLE.finditer(gold)}
    if names and re.search(r"\d", gold) and not re.search(r"\\text|\\mbox|\\math", gold):
        name = min(names)
        other = "w" if name != "w" else "v"
        yield re.sub(rf"(?<![A-Za-z\\]){name}(?![A-Za-z{{])", other, gold)


def _constant_missing(gold: str) -> Iterable[str]:
    if re.fullmatch(r"[^a-zA-Z]*\\pi[^a-zA-Z]*", gold):
        yield gold.replace(r"\pi", "") or "1"


def _more(gold: str) -> Iterable[str]:
    if _SCALAR.fullmatch(gold):
        yield f"{gold}, 1234"
        yield f"{gold} + 1"


NEAR: dict[str, Kind] = {
    "another digit": _other_digits,
    "the other sign": _other_sign,
    "another power": _other_power,
    "a root left out": _without_root,
    "a fraction upside down": _upside_down,
    "another order": _other_order,
    "another order of entries": _other_entries,
    "a set in place of a point": lambda gold: (
        [rf"\{{{gold[1:-1]}\}}"] if _TUPLE.fullmatch(gold) and "," in gold else []
    ),
    "a part left out": _part_missing,
    "other brackets": _other_brackets,
    "a percent sign": _as_percent,
    "a base": _in_a_base,
    "a base left out": _without_base,
    "the decimal point elsewhere": _other_point,
    "rounded": _nearly,
    "another variable": _other_variable,
    "a constant left out": _constant_missing,
    "something added": _more,
}


def made(kinds: dict[str, Kind], golds: Iterable[str]) -> list[Made]:
    chosen = list(golds)
    return [Made(name, gold, text) for name, kind in kinds.items() for gold in chosen for text in kind(gold)]
