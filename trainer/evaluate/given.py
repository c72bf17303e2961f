"""The model that is given to a run which only evaluates, looked at as prepare does where it is trained.

Loads no torch: it is looked at on processors where a hub has to be asked, and again before weights are read.
"""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from trainer.delimiters import check_delimiters
from trainer.evaluate.check import CheckedBenchmark, check_benchmarks
from trainer.evaluate.settings import Settings
from trainer.events import Events
from trainer.failure import StageError
from trainer.model_files import require_planned
from trainer.rows.source import Surroundings
from trainer.sft.architecture import read_architecture, require_same
from trainer.sft.end_tokens import end_tokens
from trainer.spec import Architecture, EvaluationJob
from trainer.thinking import S1
from trainer.tokenizer import control_tokens, load_tokenizer

# Of models that think between others than s1's delimiters.
TAG = "</think>"


@dataclass(frozen=True, slots=True)
class Given:
    """Who answers, and what it is asked."""

    digest: str
    """Of the model's files."""
    architecture: Architecture
    benchmarks: list[CheckedBenchmark]


def look_at(
    job: EvaluationJob, settings: Settings, folder: Path, around: Surroundings, events: Events
) -> Given:
    """The model in `folder` and the questions. Raises StageError `data`, `missing-input`, `infrastructure` or
    `configuration`.
    """
    spec = job.spec
    digest = require_planned(spec, folder)
    arch = read_architecture(folder)
    require_same(spec.recipe.model.architecture, arch, folder)
    prompt, tokenizer = spec.recipe.prompt, load_tokenizer(folder)
    _require_known_tokens(tokenizer, arch, folder)
    if prompt.thinking == S1 and TAG in control_tokens(tokenizer).values():
        message = (
            f"The model's tokenizer has {TAG} as a token, and the recipe has no prompt.thinking: the end of "
            f"thinking is looked for as {S1.end}, as s1's models write it. Name the model's own delimiters."
        )
        events.note(message, level="warning")
    check_delimiters(prompt.thinking, tokenizer, field="prompt.thinking", ends=end_tokens(folder))
    benchmarks = check_benchmarks(settings, spec.inputs, prompt, arch.max_positions, tokenizer, around)
    return Given(digest, arch, benchmarks)


def _require_known_tokens(tokenizer: Tokenizer, arch: Architecture, folder: Path) -> None:
    """Raises StageError `configuration` for tokens without a row: on a GPU they end in an assertion."""
    num_entries: int = tokenizer.get_vocab_size(with_added_tokens=True)
    assert arch.vocabulary_size is not None, "a config.json always has it"
    if num_entries > arch.vocabulary_size:
        message = (
            f"The tokenizer in {folder} has {num_entries} tokens, and vocab_size of its config.json is "
            f"{arch.vocabulary_size}: put the model's own tokenizer there."
        )
        raise StageError("configuration", message)
