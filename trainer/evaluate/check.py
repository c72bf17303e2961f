"""What the evaluate stage needs of its input, asked by prepare before any device is held."""

from dataclasses import dataclass

from tokenizers import Tokenizer

from trainer.evaluate.benchmark import Loaded, read_benchmark, require_usable
from trainer.evaluate.capacity import capacity, longest_prompt
from trainer.evaluate.prompts import Prompts, encode_prompts
from trainer.evaluate.settings import Benchmark, Settings, parse_settings
from trainer.failure import StageError
from trainer.rows.source import Surroundings
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
        asked = encode_prompts(
            loaded.questions, recipe.dataset.system_prompt, tokenizer, places=loaded.places
        )
        _check_controls(benchmark, loaded, asked, recipe)
        _check_room(benchmark, asked, recipe, settings, tokenizer)
        longest = longest_prompt(asked.ids)
        read.append(CheckedBenchmark(benchmark.name, loaded.source.digest, len(loaded.questions), longest))
    return read


def _check_controls(benchmark: Benchmark, loaded: Loaded, asked: Prompts, recipe: Recipe) -> None:
    if asked.held and recipe.dataset.control_tokens == "refuse":
        shown = "; ".join(f"{loaded.places[index]}: {', '.join(held)}" for index, held in asked.held.items())
        message = (
            f"Benchmark {benchmark.name}: {len(asked.held)} questions hold control tokens in their text, "
            f"which would end or begin turns there: {shown:.400}. Remove them from the questions, or set "
            "dataset.controlTokens: text to read them as plain text."
        )
        raise StageError("data", message)


def _check_room(
    benchmark: Benchmark, asked: Prompts, recipe: Recipe, settings: Settings, tokenizer: Tokenizer
) -> None:
    needed = capacity(tokenizer, asked.ids, settings)
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
