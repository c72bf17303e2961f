r"""What brackets around a list say: `\{1,2\}` is a set, `(1,2)` a point or an interval, `1,2` may be either.

math-verify takes each for the others, so that `\{0,1\}` were the interval (0,1).
"""

import re
from typing import Literal

Enclosure = Literal["none", "round", "curly", "other"]

_NAMED = re.compile(r"(\\?[A-Za-z]+(?:_\{?\w+\}?)?|[A-Za-z]\(\w+\))=[^=]+")


def split_list(core: str) -> list[str]:
    """The parts of a list that stands in no brackets, in order; one part where it is no list."""
    parts = []
    depth = start = 0
    for place, sign in enumerate(core):
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth <= 0:
            parts.append(core[start:place].strip())
            start = place + 1
    return [*parts, core[start:].strip()]


def in_order_of(wanted: list[str], given: list[str]) -> list[str]:
    """The parts of `given` in the order of those in `wanted` that name the same: y=2,x=1 is x=1,y=2."""
    ours, theirs = _by_name(wanted), _by_name(given)
    return [theirs[name] for name in ours] if ours and ours.keys() == theirs.keys() else given


def _by_name(parts: list[str]) -> dict[str, str]:
    """Parts by what each is the value of; empty where one has no name, or another's."""
    found = [_NAMED.fullmatch("".join(part.split())) for part in parts]
    named = {match[1]: part for match, part in zip(found, parts, strict=True) if match is not None}
    return named if len(named) == len(parts) else {}


def enclosed_list(core: str) -> tuple[Enclosure, list[str]]:
    """The brackets around all of a list of several parts, and its parts; no part where it is no list."""
    parts = split_list(core)
    if len(parts) > 1:
        return "none", parts
    kind, inner = _opened(core.strip())
    parts = split_list(inner)
    return (kind, parts) if len(parts) > 1 else ("other", [])


def _opened(core: str) -> tuple[Enclosure, str]:
    if core.startswith("(") and core.endswith(")") and _closes_last(core):
        return "round", core[1:-1]
    if core.startswith(r"\{") and core.endswith(r"\}") and _closes_last(core):
        return "curly", core[2:-2]
    return "other", ""


def _closes_last(core: str) -> bool:
    """Whether the first bracket is closed by the last one: that of `(1,2)`, not that of `(1,2),(3,4)`."""
    depth = 0
    for place, sign in enumerate(core):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and sign in ")]}":
            return place == len(core) - 1
    return False
