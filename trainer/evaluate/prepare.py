"""The prepare stage of a run that only evaluates (CPU). What a hub has is fetched into the cache that
evaluate reads, and looked at before a device is held. Loads no torch.

data/prepared.json           what was found, for the planner
"""

import json

from trainer import manifest
from trainer.evaluate.check import require_judge
from trainer.evaluate.counted import counted
from trainer.evaluate.given import Given, look_at
from trainer.evaluate.settings import Settings, parse_settings
from trainer.events import Events
from trainer.model_files import fetch_model, model_name
from trainer.rows.source import Surroundings
from trainer.sft.model_folder import check_model_folder
from trainer.spec import EvaluationJob
from trainer.stage import Outcome, done_before


def prepare(job: EvaluationJob) -> Outcome:
    """Fills and publishes `data/`. Raises StageError `data`, `missing-input`, `infrastructure` or
    `configuration`.
    """
    events = Events(job)
    final = job.work / "data"
    before = done_before(job, final, events, stage="prepare", done="prepared")
    if before is not None:
        return before
    events.phase("preparing")
    recipe = job.spec.recipe
    settings = parse_settings(recipe.evaluation, recipe.prompt.thinking)
    # What takes no fetching comes first: 65 GB for a server that does not judge were for nothing.
    require_judge(settings, events.note)
    around = Surroundings(job.work, events.note, events.fetched)
    folder = fetch_model(job.spec, around)
    given = look_at(job, settings, folder, around, events)
    if settings.engine.kind != "endpoint":
        check_model_folder(folder, given.architecture)
    partial = manifest.fresh(final)
    (partial / "prepared.json").write_text(
        json.dumps(_prepared(job, settings, given)) + "\n", encoding="utf-8"
    )
    digest = manifest.publish(partial, final, stage="prepare", spec=job.digest)
    questions = counted(sum(each.rows for each in given.benchmarks), "question")
    return Outcome(f"Prepared {questions} for {model_name(job.spec)}.", manifest=digest)


def _prepared(job: EvaluationJob, settings: Settings, given: Given) -> dict[str, object]:
    # A server elsewhere has the weights: what is here without them pins no model.
    digest = None if settings.engine.kind == "endpoint" else given.digest
    return {
        "inputs": {
            "model": {"name": model_name(job.spec), "sha256": digest},
            "benchmarks": [each.read for each in given.benchmarks],
        },
        "benchmarks": [each.counts for each in given.benchmarks],
    }
