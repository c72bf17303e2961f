"""JSON (camelCase) into frozen dataclasses (snake_case); every error names its field."""

import dataclasses
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


class FieldError(ValueError):
    """A field is missing or wrong; the text has its path, what was found and what was expected."""


def parse(expected: Any, value: Any, path: str) -> Any:
    """`value` as the type `expected`: a dataclass, scalar, Literal, dict or list of them, or any or None."""
    if dataclasses.is_dataclass(expected):
        return _parse_dataclass(expected, value, path)
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return parse(next(kind for kind in arguments if kind is not type(None)), value, path)
    if origin is Literal:
        if value not in arguments:
            raise _mismatch(path, value, "one of " + ", ".join(map(str, arguments)))
        return value
    if origin is list and isinstance(value, list):
        return [parse(arguments[0], item, f"{path}[{place}]") for place, item in enumerate(value)]
    kind = origin or expected
    # JSON has one kind of number, and 1e-3 and 1 are both fine for a float; true is never a number.
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _mismatch(path, value, kind.__name__)
    return value


def _parse_dataclass(expected: Any, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise _mismatch(path, value, "an object")
    hints = get_type_hints(expected)
    fields = {}
    for field in dataclasses.fields(expected):
        key = camel(field.name)
        optional = field.default is not dataclasses.MISSING
        if key in value:
            fields[field.name] = parse(hints[field.name], value[key], f"{path}.{key}")
        elif not optional:
            raise FieldError(f"{path}.{key} is missing")
    return expected(**fields)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _mismatch(path: str, value: Any, expected: str) -> FieldError:
    return FieldError(f"{path} is {value!r:.80}; expected {expected}")
