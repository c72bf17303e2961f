"""The recipe's `evaluation` section (orchestrator/recipe/evaluation.ts) as frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from trainer.evaluate.grader import Grader
from trainer.failure import StageError
from trainer.parse import FieldError, parse

_T = TypeVar("_T")

# The only one that there is an engine for (`x-engine` in the schema): decoding is greedy.
TEMPERATURE = 0


@dataclass(frozen=True, slots=True)
class Control:
    """How thinking is bounded; `times` and `text` belong to `wait`, a plain budget suppresses no end."""

    kind: Literal["budget", "wait"]
    max_thinking_tokens: int
    times: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    name: str
    source: dict[str, Any]
    fields: Fields
    grader: Grader
    questions: int | None = None
    """How many the recipe says that it holds."""


@dataclass(frozen=True, slots=True)
class Settings:
    benchmarks: tuple[Benchmark, ...]
    controls: tuple[Control, ...]
    max_answer_tokens: int
    batch: int
    untouched: bool
    """Whether the model that training began from is evaluated, too."""


def parse_settings(section: Mapping[str, Any] | None) -> Settings:
    """Raises StageError `configuration` for a missing or wrong field, and for what is not supported yet."""
    if section is None:
        raise StageError("configuration", "The recipe has no `evaluation` section: nothing to evaluate.")
    path = "spec.recipe.evaluation"
    try:
        settings = Settings(
            benchmarks=_items(Benchmark, section, "benchmarks", path),
            controls=_items(Control, section, "controls", path),
            max_answer_tokens=parse(int, section.get("maxAnswerTokens"), f"{path}.maxAnswerTokens"),
            batch=parse(int, section.get("batch"), f"{path}.batch"),
            untouched=parse(bool, section.get("untouched", False), f"{path}.untouched"),
        )
        temperature = parse(float, section.get("temperature"), f"{path}.temperature")
    except FieldError as error:
        # Recipes may also have fields of a later version.
        message = f"This trainer cannot evaluate as the recipe says: {error}. Change the recipe's evaluation."
        raise StageError("configuration", message) from error
    names = [benchmark.name for benchmark in settings.benchmarks]
    if len(set(names)) < len(names):
        message = (
            f"{path}.benchmarks has one name twice among {', '.join(names)}: results are told apart by it."
        )
        raise StageError("configuration", message)
    if temperature != TEMPERATURE:
        message = f"{path}.temperature is {temperature:g}; only greedy decoding is supported: set it to 0."
        raise StageError("configuration", message)
    return settings


def _items(kind: type[_T], section: Mapping[str, Any], key: str, path: str) -> tuple[_T, ...]:
    items: list[Any] = parse(list, section.get(key), f"{path}.{key}")
    return tuple(parse(kind, item, f"{path}.{key}[{index}]") for index, item in enumerate(items))
