"""The evaluate stage: decodes the benchmarks' questions with the exported checkpoint, into `evaluation/`.

python -m trainer.evaluate

evaluation/results.json     what was measured
evaluation/samples.jsonl    every thought and answer with its tokens
evaluation/untouched.jsonl  those of the model that training began from, where the recipe asks for it
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from trainer import manifest
from trainer.evaluate.benchmark import Question, digest, load_questions, without_seen
from trainer.evaluate.counted import counted
from trainer.evaluate.measure import Records, measure
from trainer.evaluate.subject import subject_of
from trainer.evaluate.untouched import untouched_folder
from trainer.events import Events
from trainer.load_job import load_any_job
from trainer.model_files import model_digest
from trainer.rows.source import Surroundings
from trainer.spec import EvaluationJob, Job
from trainer.stage import Outcome as StageOutcome
from trainer.stage import run_loaded

# Of finished questions, while others are not: beside the results, which are written as a whole.
RECORDS = ".evaluation.records"


def evaluate(job: Job | EvaluationJob) -> StageOutcome:
    """Fills and publishes `evaluation/`. Raises StageError `data`, `missing-input` or `configuration`."""
    events = Events(job)
    final = job.work / "evaluation"
    events.phase("loading")
    # What is read of a hub was fetched before a device was held.
    around = Surroundings(job.work, events.note, events.fetched, online=False)
    subject = subject_of(job, around, events)
    settings, checkpoint = subject.settings, subject.digest
    if manifest.is_done(final, stage="evaluate", spec=job.digest) and _evaluated(final) == checkpoint:
        message = f"{final} holds the results of this very checkpoint and specification; nothing to do."
        events.note(message)
        shutil.rmtree(job.work / RECORDS, ignore_errors=True)
        return StageOutcome(message, manifest=manifest.sha256(final / manifest.NAME))
    untouched = untouched_folder(job) if settings.untouched and isinstance(job, Job) else None
    questions: dict[str, list[Question]] = {}
    for benchmark in settings.benchmarks:
        found = load_questions(benchmark, job.spec.inputs.benchmark(benchmark.name), around)
        if subject.trained_on is not None:
            found = without_seen(benchmark, found, subject.trained_on, events)
        questions[benchmark.name] = found
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    asked = {benchmark: digest(chosen) for benchmark, chosen in questions.items()}
    measured = measure(job, subject, questions, _records(job, "samples", checkpoint, asked), events)
    result, written = {"checkpoint": checkpoint, **measured.result}, {"samples": measured.rows}
    if untouched is not None:
        # The first model's memory is free by now: the two are never held together.
        events.note("Now the model that training began from answers the same questions.")
        other = replace(subject, folder=untouched, digest=model_digest(untouched))
        measured = measure(job, other, questions, _records(job, "untouched", other.digest, asked), events)
        result["untouched"], written["untouched"] = measured.result, measured.rows
    folder = manifest.fresh(final)
    for name, rows in written.items():
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "results.json").write_text(json.dumps(result) + "\n", encoding="utf-8")
    published = manifest.publish(folder, final, stage="evaluate", spec=job.digest)
    shutil.rmtree(job.work / RECORDS, ignore_errors=True)
    num_questions = sum(map(len, questions.values()))
    message = (
        f"Evaluated {counted(num_questions, 'question')} under {counted(len(settings.controls), 'control')}."
    )
    return StageOutcome(message, manifest=published)


def _records(job: Job | EvaluationJob, name: str, model: str, asked: Mapping[str, str]) -> Records:
    """Of this specification, this very model and these questions."""
    rests_on = {"spec": job.digest, "model": model, "questions": asked}
    return Records(job.work / RECORDS / f"{name}.jsonl", rests_on)


def _evaluated(folder: Path) -> str | None:
    """Which checkpoint the results in `folder` belong to."""
    try:
        checkpoint = json.loads((folder / "results.json").read_bytes())["checkpoint"]
    except (OSError, ValueError, KeyError):
        return None
    return str(checkpoint)


if __name__ == "__main__":
    run_loaded(lambda: evaluate(load_any_job()))
