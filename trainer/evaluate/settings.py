"""The recipe's `evaluation` section (orchestrator/recipe/evaluation.ts) as frozen dataclasses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from trainer.evaluate.forcing import Accounting
from trainer.evaluate.grader import Grader
from trainer.failure import StageError
from trainer.parse import FieldError, parse
from trainer.thinking import S1, Thinking
from trainer.tokenizer import END, START

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Control:
    """How thinking is bounded. What is not in a kind's nature is as it is for a plain budget."""

    kind: Literal["budget", "wait", "token", "step", "class", "rejection"]
    max_thinking_tokens: int
    times: int = 0
    """With `wait`: how often the end of thinking is suppressed, and what is put in its place."""
    text: str = ""
    tokens: int | None = None
    """What the model is told in the question: with `token`, `step` and `class`."""
    steps: int | None = None
    length: Literal["short", "long"] | None = None
    tries: int = 1
    """With `rejection`: how often thinking is drawn at most until it ends within the budget."""
    accounting: Accounting = "shared"
    """With `wait`: trainer.evaluate.forcing.Rules."""

    @property
    def asked(self) -> int | str | None:
        """What tells two controls of a kind apart beside their budgets and `times`."""
        return {
            "token": self.tokens,
            "step": self.steps,
            "class": self.length,
            "rejection": self.tries,
        }.get(self.kind)

    @property
    def longest_thought(self) -> int:
        """Most tokens of thinking that a sequence holds; each token of a text stands for a byte at least."""
        if self.accounting == "shared":
            return self.max_thinking_tokens
        return (self.times + 1) * self.max_thinking_tokens + self.times * len(self.text.encode())


@dataclass(frozen=True, slots=True)
class Fields:
    question: str
    answer: str
    choices: list[str] | None = None
    """Of the wrong options, where a row keeps each in a field."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    name: str
    source: dict[str, Any]
    fields: Fields
    grader: Grader
    questions: int | None = None
    """How many the recipe says that it holds."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Who decodes: this trainer, vLLM beside it on all devices of its pod, or a server that runs already."""

    kind: Literal["trainer", "vllm", "endpoint"]
    url: str | None = None
    """Of an endpoint, up to the protocol's version."""
    model: str | None = None
    """Its name there; None: the only one."""


@dataclass(frozen=True, slots=True)
class JudgeChoice:
    """A server of OpenAI's chat protocol whose model judges answers."""

    url: str
    model: str | None = None
    """Its name there; None: the only one."""
    answers: Literal["unreadable", "all"] = "unreadable"
    """Which it is asked about: those that the grader cannot read, or each."""
    prompt: str | None = None
    """What it is told to judge, in place of Stint's own words."""


@dataclass(frozen=True, slots=True)
class Settings:
    benchmarks: tuple[Benchmark, ...]
    controls: tuple[Control, ...]
    max_answer_tokens: int
    batch: int
    untouched: bool
    """Whether the model that training began from is evaluated, too."""
    temperature: float
    seed: int
    samples: int
    """Answers to each question under each control."""
    engine: EngineChoice
    judge: JudgeChoice | None = None
    thinking: Thinking = S1
    """Of the dataset or the prompt, not of this section."""


def parse_settings(section: Mapping[str, Any] | None, thinking: Thinking = S1) -> Settings:
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
            temperature=parse(float, section.get("temperature"), f"{path}.temperature"),
            seed=parse(int, section.get("seed"), f"{path}.seed"),
            samples=parse(int, section.get("samples", 1), f"{path}.samples"),
            engine=parse(EngineChoice, section.get("engine", {"kind": "trainer"}), f"{path}.engine"),
            judge=parse(JudgeChoice | None, section.get("judge"), f"{path}.judge"),
            thinking=thinking,
        )
    except FieldError as error:
        # Recipes may also have fields of a later version.
        message = f"This trainer cannot evaluate as the recipe says: {error}. Change the recipe's evaluation."
        raise StageError("configuration", message) from error
    _require_told(settings.controls, path)
    _require_delimited(settings.controls, thinking, path)
    if settings.temperature == 0 and any(control.kind == "rejection" for control in settings.controls):
        message = (
            f"{path}.temperature is 0, where every try is the same, and a control of kind `rejection` draws "
            "again. Set a temperature above 0."
        )
        raise StageError("configuration", message)
    names = [benchmark.name for benchmark in settings.benchmarks]
    if len(set(names)) < len(names):
        message = (
            f"{path}.benchmarks has one name twice among {', '.join(names)}: results are told apart by it."
        )
        raise StageError("configuration", message)
    if settings.samples > 1 and settings.temperature == 0:
        message = (
            f"{path}.samples is {settings.samples} at temperature 0, where every answer is the same. Set "
            "samples to 1, or a temperature above 0."
        )
        raise StageError("configuration", message)
    if settings.engine.kind == "endpoint" and settings.engine.url is None:
        raise StageError("configuration", f"{path}.engine.url is missing: an endpoint is a server somewhere.")
    return settings


def _require_told(controls: Sequence[Control], path: str) -> None:
    for place, control in enumerate(controls):
        field = {"token": "tokens", "step": "steps", "class": "length"}.get(control.kind)
        where = f"{path}.controls[{place}]"
        if field is not None and getattr(control, field) is None:
            message = f"{where}.{field} is missing: it is what `{control.kind}` tells the model."
            raise StageError("configuration", message)
        plain = Control("budget", control.max_thinking_tokens)
        if control.kind == "class" and plain not in controls:
            message = (
                f"{where} is held against thinking that nobody steered, and there is no control of kind "
                f"`budget` with maxThinkingTokens {control.max_thinking_tokens}. Add it."
            )
            raise StageError("configuration", message)


def _require_delimited(controls: Sequence[Control], thinking: Thinking, path: str) -> None:
    for place, control in enumerate(controls):
        where = f"{path}.controls[{place}]"
        if control.kind == "step" and not thinking.counts_steps:
            message = (
                f"{where} counts steps down, which {S1.end} sets off, and thinking ends at {thinking.end}. "
                "Leave `thinking` out, or take a control of another kind."
            )
            raise StageError("configuration", message)
        # The last two bound the turns of every model's prompts.
        for end in (thinking.end, START, END):
            if end in control.text:
                message = (
                    f"{where}.text is {control.text!r}, which holds {end}: it would end the thinking that it "
                    "is to prolong. Take another text."
                )
                raise StageError("configuration", message)


def _items(kind: type[_T], section: Mapping[str, Any], key: str, path: str) -> tuple[_T, ...]:
    items: list[Any] = parse(list, section.get(key), f"{path}.{key}")
    return tuple(parse(kind, item, f"{path}.{key}[{index}]") for index, item in enumerate(items))
