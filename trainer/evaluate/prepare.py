"""The prepare stage of a run that only evaluates (CPU). What a hub has is fetched into the cache that
evaluate reads, and looked at before a device is held. Loads no torch.

data/prepared.json           what was found, for the planner
"""

import json

from trainer import manifest
from trainer.evaluate.check import require_judge
from trainer.evaluate.counted import counted
from trainer.evaluate.given import Given, look_at
from trainer.evaluate.settings import parse_settings
from trainer.events import Events
from trainer.model_files import fetch_model
from trainer.rows.source import Surroundings
from trainer.sft.model_folder import check_model_folder
from trainer.spec import EvaluationJob
from trainer.stage import Outcome


def prepare(job: EvaluationJob) -> Outcome:
    """Fills and publishes `data/`. Raises StageError `data`, `missing-input`, `infrastructure` or
    `configuration`.
    """
    events = Events(job)
    final = job.work / "data"
    if manifest.is_done(final, stage="prepare", spec=job.digest):
        message = f"{final} is prepared for this very specification; nothing to do."
        events.note(message)
        return Outcome(message, manifest=manifest.sha256(final / manifest.NAME))
    events.phase("preparing")
    recipe = job.spec.recipe
    # What takes no fetching comes first: 65 GB for a server that does not judge were for nothing.
    require_judge(parse_settings(recipe.evaluation, recipe.prompt.thinking), events.note)
    around = Surroundings(job.work, events.note, events.fetched)
    folder = fetch_model(job.spec, around)
    given = look_at(job, folder, around, events)
    if given.settings.engine.kind != "endpoint":
        check_model_folder(folder, given.architecture)
    partial = manifest.fresh(final)
    (partial / "prepared.json").write_text(json.dumps(_prepared(job, given)) + "\n", encoding="utf-8")
    digest = manifest.publish(partial, final, stage="prepare", spec=job.digest)
    questions = counted(sum(each.rows for each in given.benchmarks), "question")
    return Outcome(f"Prepared {questions} for {_model_name(job)}.", manifest=digest)


def _prepared(job: EvaluationJob, given: Given) -> dict[str, object]:
    # A server elsewhere has the weights: what is here without them pins no model.
    digest = None if given.settings.engine.kind == "endpoint" else given.digest
    return {
        "inputs": {
            "model": {"name": _model_name(job), "sha256": digest},
            "benchmarks": [{"name": each.name, "sha256": each.sha256} for each in given.benchmarks],
        },
        "benchmarks": [
            {"name": each.name, "rows": each.rows, "longestPromptTokens": each.longest_prompt_tokens}
            for each in given.benchmarks
        ],
    }


def _model_name(job: EvaluationJob) -> str:
    given = job.spec.inputs.model
    return given.name if given is not None else str(job.spec.recipe.model.repository)
