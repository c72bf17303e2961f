r"""One writing for what has several: Unicode's signs, recurring decimals, mixed numbers, thousands.

And other writings for what math-verify 0.9.0 takes for something else: it works `\frac{dy}{dx}` out as 0, as
`\frac{dx}{dy}`, reads `dy/dx` as y/x, and knows no degrees.
"""

import re
import unicodedata
from decimal import Decimal

from trainer.evaluate.full_width import FULL_WIDTH

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUBSCRIPT_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_FRACTION = re.compile("[¼½¾⅐-⅞]")
# Full-width forms, and signs that LaTeX has commands for.
_SIGNS = str.maketrans(
    {
        **FULL_WIDTH,
        # Mathematical digits, of five styles: bold, double-struck, sans-serif, bold of it, monospace.
        **{chr(0x1D7CE + place): str(place % 10) for place in range(50)},
        "\N{MINUS SIGN}": "-",
        "∞": r"\infty ",
        "∅": r"\emptyset ",
        "≤": r"\le ",
        "≥": r"\ge ",
        "≠": r"\ne ",
    }
)
# Typeset for a minus where it can be no range's: between two numbers it is no difference.
_DASH = re.compile("(?:^|(?<=[({\\[,=$+*/]))(\\s*)[\u2010-\u2013](?=\\s*[\\d.\\\\A-Za-z(])")
# Around the parts of a vector.
_ANGLE_BRACKETS = re.compile(r"(?:\\left\s*)?\\langle(?![A-Za-z])([^<>]{1,200}?)\\rangle(?![A-Za-z])")
_ROOT = re.compile(r"√\s?(?:(\d+|[A-Za-z])|\(([^()]*)\))")
# Markdown's emphasis and code; between words two stars are a power.
_EMPHASIS = re.compile(r"(?<!\w)\*\*|\*\*(?!\w)|`")
_BARE_OVER = re.compile(r"\\([dt]?)frac\s*(\\[A-Za-z]+|\{[^{}]*\}|\d)\s*(\\pi\b|\d(?!\d)|[a-z](?![A-Za-z]))")

_RECURRING = re.compile(r"(?<![\d.])(\d{0,30})\.(\d{0,30})\\(?:overline|bar)\s*(?:\{(\d{1,30})\}|(\d))(?!\d)")
_MIXED = re.compile(r"(?<![\w.,/^{}])(\d+) (\d+)/(\d+)(?![\w.,/^])")
_SPACED_THOUSANDS = re.compile(r"(?<![\w.,^])\d{1,3}(?: \d{3})+(?![\w/]| \d)")
# A power of ten, as programs write it; not where letters or an index make it a name or a base's digits, nor
# with a sign behind a whole number: 2e+1 is more than twice Euler's number.
_SCIENTIFIC = re.compile(r"(?<![\w.,^\\])\d{1,30}(?:\.\d{1,30}[eE][-+]?|[eE])\d{1,2}(?![\w^_]|[.,]\d)")
# Of a letter by a letter, as often as both say: there is nothing to work out, so that it is one variable.
_OVER = re.compile(
    r"\\[dt]?frac\s*\{\s*(d|\\partial)\s*(?:\^\s*\{?(\d)\}?)?\s*([A-Za-z]|\\[A-Za-z]+)\s*\}"
    r"\s*\{\s*\1\s*([A-Za-z]|\\[A-Za-z]+)\s*(?:\^\s*\{?(\d)\}?)?\s*\}"
)
_OVER_IN_LINE = re.compile(r"(?<![A-Za-z\\])d([A-Za-z])\s?/\s?d([A-Za-z])(?![A-Za-z^])")
_OPERATOR = re.compile(
    r"(\\[dt]?frac)\s*\{\s*(d|\\partial)\s*\}\s*(\{\s*\2\s*([A-Za-z])\s*\})\s*(?!\4)([A-Za-z])(?![A-Za-z(^_])"
)
_DEGREES = r"\s*(?:\^\s*\{?\s*\\circ\s*\}?|\\degree\b|°)"
_FUNCTION = r"\\?(?<![A-Za-z])(sin|cos|tan|cot|sec|csc)(?![A-Za-z])\s*(\^\s*(?:\{\s*\d+\s*\}|\d))?\s*"
_ANGLE = re.compile(_FUNCTION + rf"([({{]?)\s*(\d+(?:\.\d+)?|[A-Za-z](?![A-Za-z])|\\[A-Za-z]+){_DEGREES}")
_ANGLE_IN_BRACKETS = re.compile(_FUNCTION + rf"\(([^()]{{1,80}})\)({_DEGREES})?")
_DEGREE_SIGN = re.compile(_DEGREES)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")


def in_latex(text: str) -> str:
    """The text with what Unicode has signs for written as LaTeX has it: ₈, ², ½, √2, the minus sign."""
    plain = _EMPHASIS.sub("", text).translate(_SIGNS).replace("{:}", ":")
    plain = _ANGLE_BRACKETS.sub(r"(\1)", plain)
    plain = _DASH.sub(r"\1-", plain)
    plain = _SUBSCRIPT_RUN.sub(lambda found: f"_{{{found[0].translate(_SUBSCRIPTS)}}}", plain)
    plain = _SUPERSCRIPT_RUN.sub(lambda found: f"^{{{found[0].translate(_SUPERSCRIPTS)}}}", plain)
    plain = _ROOT.sub(lambda found: rf"\sqrt{{{found[1] or found[2]}}}", plain)
    plain = _BARE_OVER.sub(r"\\frac{\2}{\3}", plain)
    plain = _OVER_IN_LINE.sub(r"\\frac{d\1}{d\2}", plain)
    plain = _OPERATOR.sub(r"\1{\2 \5}\3", plain)
    plain = _OVER.sub(_as_variable, plain)
    return _FRACTION.sub(_as_fraction, plain.replace(r"\varnothing", r"\emptyset"))


def in_one_number(plain: str) -> str:
    r"""Numbers in one writing: 1 1/2 is 1\frac{1}{2}, 0.\overline{6} a fraction, 10 000 and 1e4 10000."""
    plain = _SCIENTIFIC.sub(lambda found: format(Decimal(found[0]), "f"), plain)
    plain = _MIXED.sub(r"\1\\frac{\2}{\3}", plain)
    plain = _SPACED_THOUSANDS.sub(lambda found: found[0].replace(" ", ""), plain)
    return _RECURRING.sub(_as_ratio, plain)


def in_radians(plain: str) -> str:
    r"""Degrees behind a function of an angle are a part of it, and no unit: `\sin 30^\circ` is 1/2."""
    return _ANGLE.sub(r"\\\1\2\3\\frac{\4\\pi}{180}", _ANGLE_IN_BRACKETS.sub(_of_sum, plain))


def without_blanks(core: str) -> str:
    """For comparing two writings. A blank between two digits parts two numbers, and stays."""
    return "".join(_BETWEEN_DIGITS.sub("\0", core).split())


def _of_sum(found: re.Match[str]) -> str:
    """Degrees are those of all that the brackets hold, or of the parts behind which they stand."""
    inner = found[3]
    if found[4] is not None:
        inner = rf"\frac{{({inner})\pi}}{{180}}"
    elif "+" in inner or "-" in inner:
        inner = _DEGREE_SIGN.sub(r" \\cdot\\frac{\\pi}{180}", inner)
    else:
        return found[0]
    return rf"\{found[1]}{found[2] or ''}({inner})"


def _as_fraction(found: re.Match[str]) -> str:
    over, _, under = unicodedata.normalize("NFKC", found[0]).partition("\N{FRACTION SLASH}")
    return rf"\frac{{{over}}}{{{under}}}"


def _as_variable(found: re.Match[str]) -> str:
    if found[2] != found[5]:
        return found[0]
    sign = "D" if found[1] == "d" else "P"
    # With commas, so that each is seen as a letter, large or small.
    return f"{sign}_{{{','.join((found[3], found[4], found[2] or '1'))}}}"


def _as_ratio(found: re.Match[str]) -> str:
    whole, once, again = found[1], found[2], found[3] or found[4]
    under = (10 ** len(again) - 1) * 10 ** len(once)
    over = int(whole + once + again) - int(whole + once or "0")
    return rf"\frac{{{over}}}{{{under}}}"
