"""What the evaluate stage needs of its input, asked by prepare before any device is held."""

from collections.abc import Callable
from dataclasses import dataclass

from tokenizers import Tokenizer

from trainer.evaluate.appended import require_text
from trainer.evaluate.benchmark import Loaded, read_benchmark, require_usable
from trainer.evaluate.capacity import capacity, delimiter_tokens, longest_prompt
from trainer.evaluate.counted import counted
from trainer.evaluate.judge import Judge
from trainer.evaluate.prompts import Prompts, encode_told, under_all
from trainer.evaluate.settings import Benchmark, Settings, parse_settings
from trainer.failure import StageError
from trainer.inputs import Inputs
from trainer.rows.source import Surroundings
from trainer.spec import Dataset, Job, Prompt

SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True)
class CheckedBenchmark:
    """What prepare found of a benchmark; the plan of the evaluation rests on it from then on."""

    name: str
    sha256: str | None
    rows: int
    longest_prompt_tokens: int
    delimiter_tokens: int
    repeated: int

    @property
    def read(self) -> dict[str, str | None]:
        """What it is, among the inputs of `prepared.json`."""
        return {"name": self.name, "sha256": self.sha256}

    @property
    def counts(self) -> dict[str, str | int]:
        """What was found in it, among the benchmarks of `prepared.json`."""
        return {
            "name": self.name,
            "rows": self.rows,
            "longestPromptTokens": self.longest_prompt_tokens,
            "delimiterTokens": self.delimiter_tokens,
            "repeated": self.repeated,
        }


def check_evaluation(job: Job, tokenizer: Tokenizer, around: Surroundings) -> list[CheckedBenchmark]:
    """Reads every benchmark as evaluate will.

    Raises StageError `data`, `missing-input`, `infrastructure` or `configuration`, as evaluate would.
    """
    recipe = job.spec.recipe
    if recipe.evaluation is None:
        return []
    settings = parse_settings(recipe.evaluation, recipe.dataset.thinking)
    require_judge(settings, around.note)
    positions = recipe.model.architecture.max_positions
    return check_benchmarks(settings, job.spec.inputs, recipe.dataset, positions, tokenizer, around)


def require_judge(settings: Settings, note: Callable[[str], None]) -> None:
    """Raises StageError where the server that is to judge answers cannot."""
    if settings.judge is not None:
        with Judge(settings.judge, tell=note) as judge:
            judge.require_ready()


def check_benchmarks(
    settings: Settings,
    inputs: Inputs,
    prompt: Dataset | Prompt,
    positions: int,
    tokenizer: Tokenizer,
    around: Surroundings,
) -> list[CheckedBenchmark]:
    """The same of what is asked of any model; `positions`: those that it was made for."""
    require_text(settings.controls, tokenizer)
    delimiting = delimiter_tokens(tokenizer, settings.thinking)
    read = []
    for benchmark in settings.benchmarks:
        files = inputs.benchmark(benchmark.name)
        loaded = require_usable(benchmark, read_benchmark(benchmark, files, around))
        told = encode_told(
            loaded.questions, settings.controls, prompt.system_prompt, tokenizer, places=loaded.places
        )
        asked = under_all(told)
        if prompt.control_tokens == "refuse":
            _check_controls(benchmark, loaded, asked, "dataset" if isinstance(prompt, Dataset) else "prompt")
        _check_room(benchmark, asked, positions, settings, tokenizer)
        read.append(
            CheckedBenchmark(
                benchmark.name,
                sha256=loaded.source.digest,
                rows=len(loaded.questions),
                longest_prompt_tokens=longest_prompt(asked.ids),
                delimiter_tokens=delimiting,
                repeated=loaded.repeated,
            )
        )
    return read


def _check_controls(benchmark: Benchmark, loaded: Loaded, asked: Prompts, place: str) -> None:
    if asked.held:
        shown = "; ".join(f"{loaded.places[index]}: {', '.join(held)}" for index, held in asked.held.items())
        message = (
            f"Benchmark {benchmark.name}: control tokens in {counted(len(asked.held), 'question')}, which "
            f"would end or begin turns there: {shown:.400}. Remove them from the questions, or set "
            f"{place}.controlTokens: text to read them as plain text."
        )
        raise StageError("data", message)


def _check_room(
    benchmark: Benchmark, asked: Prompts, positions: int, settings: Settings, tokenizer: Tokenizer
) -> None:
    needed = capacity(tokenizer, asked.ids, settings)
    if needed > positions:
        thinking = max(control.longest_thought for control in settings.controls)
        prompt = needed - thinking - settings.max_answer_tokens
        message = (
            f"Benchmark {benchmark.name} needs {needed} positions ({prompt} of its longest prompt, "
            f"{thinking} of thinking, {settings.max_answer_tokens} of the answer), and the model has "
            f"{positions} (model.architecture.maxPositions). Lower maxThinkingTokens of evaluation.controls, "
            "maxAnswerTokens, or the times of a `wait` whose accounting is `restart`."
        )
        raise StageError("configuration", message)
