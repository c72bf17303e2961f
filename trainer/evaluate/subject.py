"""Who is evaluated, and how it is asked: the model that a run has trained, or the one that it is given."""

from dataclasses import dataclass
from pathlib import Path

from trainer.evaluate.given import look_at
from trainer.evaluate.load_model import verified
from trainer.evaluate.settings import Settings, parse_settings
from trainer.events import Events
from trainer.model_files import model_folder
from trainer.rows.source import Surroundings
from trainer.spec import EvaluationJob, Job


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


def _given(job: EvaluationJob, around: Surroundings, events: Events) -> Subject:
    """Looked at whether prepare has done so or not: before a folder is evaluated there is no such stage."""
    spec = job.spec
    folder = model_folder(spec, job.work)
    settings = parse_settings(spec.recipe.evaluation, spec.recipe.prompt.thinking)
    found = look_at(job, settings, folder, around, events)
    given = spec.inputs.trained_on
    if given is None:
        events.note("What the model was trained on is not known here: no question is compared with it.")
    trained_on = None if given is None else job.work / given.path
    return Subject(folder, found.digest, settings, spec.recipe.prompt.system_prompt, trained_on)
