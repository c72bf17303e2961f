"""Who is evaluated, and how it is asked: the model that a run has trained, or the one that it is given."""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from trainer.delimiters import check_delimiters
from trainer.evaluate.check import check_benchmarks
from trainer.evaluate.load_model import verified
from trainer.evaluate.settings import Settings, parse_settings
from trainer.events import Events
from trainer.failure import StageError
from trainer.model_files import fetch_model, require_planned
from trainer.rows.source import Surroundings
from trainer.sft.architecture import read_architecture, require_same
from trainer.sft.end_tokens import end_tokens
from trainer.spec import Architecture, EvaluationJob, Job
from trainer.thinking import S1
from trainer.tokenizer import control_tokens, load_tokenizer

# Of models that think between others than s1's delimiters.
TAG = "</think>"


@dataclass(frozen=True, slots=True)
class Subject:
    folder: Path
    """With config.json, tokenizer and weights, whose bytes were verified."""
    digest: str
    """Of those bytes: what the results are of."""
    settings: Settings
    system_prompt: str | None
    trained_on: Path | None
    """Records of its training; None where nobody knows them."""


def subject_of(job: Job | EvaluationJob, around: Surroundings, events: Events) -> Subject:
    """Raises StageError `data`, `missing-input`, `infrastructure` or `configuration`."""
    if isinstance(job, Job):
        recipe, folder = job.spec.recipe, job.work / "model"
        settings = parse_settings(recipe.evaluation, recipe.dataset.thinking)
        records = job.work / "data" / "records.jsonl"
        return Subject(folder, verified(folder), settings, recipe.dataset.system_prompt, records)
    return _given(job, around, events)


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


def _given(job: EvaluationJob, around: Surroundings, events: Events) -> Subject:
    """What prepare looks at in a run that trains is looked at here: there is no stage before this one."""
    spec = job.spec
    settings = parse_settings(spec.recipe.evaluation, spec.recipe.prompt.thinking)
    folder = fetch_model(spec, around)
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
    check_benchmarks(settings, spec.inputs, prompt, arch.max_positions, tokenizer, around)
    given = spec.inputs.trained_on
    if given is None:
        events.note("What the model was trained on is not known here: no question is compared with it.")
    return Subject(
        folder, digest, settings, prompt.system_prompt, None if given is None else job.work / given.path
    )
