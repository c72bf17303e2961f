"""What the evaluate stage needs of its input, asked by prepare before any device is held."""

from dataclasses import dataclass

from tokenizers import Tokenizer

from trainer.evaluate.benchmark import Loaded, read_benchmark, require_usable
from trainer.evaluate.capacity import capacity, longest_prompt
from trainer.evaluate.settings import Benchmark, Settings, parse_settings
from trainer.failure import StageError
from trainer.rows.source import Surroundings
from trainer.sft.template import Record, render, tokenize
from trainer.spec import Job, Recipe

SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True)
class CheckedBenchmark:
    """What prepare found of a benchmark; the plan of the evaluation rests on it from then on."""

    name: str
    sha256: str | None
    rows: int
    longest_prompt_tokens: int


def check_evaluation(job: Job, tokenizer: Tokenizer, around: Surroundings) -> list[CheckedBenchmark]:
    """Reads every benchmark as evaluate will.

    Raises StageError `data`, `missing-input`, `infrastructure` or `configuration`, as evaluate would.
    """
    recipe = job.spec.recipe
    if recipe.evaluation is None:
        return []
    settings = parse_settings(recipe.evaluation)
    read = []
    for benchmark in settings.benchmarks:
        files = job.spec.inputs.benchmark(benchmark.name)
        loaded = require_usable(benchmark, read_benchmark(benchmark, files, around))
        _check_controls(benchmark, loaded, recipe, tokenizer)
        _check_room(benchmark, loaded, recipe, settings, tokenizer)
        longest = longest_prompt(tokenizer, prompts(loaded, recipe.dataset.system_prompt))
        read.append(CheckedBenchmark(benchmark.name, loaded.source.digest, len(loaded.questions), longest))
    return read


def prompts(loaded: Loaded, system_prompt: str | None) -> list[str]:
    records = [Record(id="", question=question.text, trace="", answer="") for question in loaded.questions]
    return [render(record, system_prompt)[0] for record in records]


def _check_controls(benchmark: Benchmark, loaded: Loaded, recipe: Recipe, tokenizer: Tokenizer) -> None:
    records = [
        Record(id=place, question=question.text, trace="", answer="")
        for place, question in zip(loaded.places, loaded.questions, strict=True)
    ]
    held = tokenize(records, recipe.dataset.system_prompt, tokenizer).held
    if held:
        shown = "; ".join(f"{records[index].id}: {', '.join(tokens)}" for index, tokens in held.items())
        message = (
            f"Benchmark {benchmark.name}: {len(held)} questions hold control tokens in their text, which "
            f"would end or begin turns there: {shown:.400}. Remove them from the questions."
        )
        raise StageError("data", message)


def _check_room(
    benchmark: Benchmark, loaded: Loaded, recipe: Recipe, settings: Settings, tokenizer: Tokenizer
) -> None:
    needed = capacity(tokenizer, prompts(loaded, recipe.dataset.system_prompt), settings)
    positions = recipe.model.architecture.max_positions
    if needed > positions:
        budget = max(control.max_thinking_tokens for control in settings.controls)
        prompt = needed - budget - settings.max_answer_tokens
        message = (
            f"Benchmark {benchmark.name} needs {needed} positions ({prompt} of its longest prompt, {budget} "
            f"of thinking, {settings.max_answer_tokens} of the answer), and the model has {positions} "
            "(model.architecture.maxPositions). Lower maxThinkingTokens of evaluation.controls or "
            "maxAnswerTokens."
        )
        raise StageError("configuration", message)
