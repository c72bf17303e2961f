"""The evaluate stage: decodes the benchmarks' questions with the exported checkpoint, into `evaluation/`.

python -m trainer.evaluate

evaluation/results.json     what was measured
evaluation/samples.jsonl    every thought and answer, for people to read
evaluation/untouched.jsonl  those of the model that training began from, where the recipe asks for it
"""

import json
import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import torch
from tokenizers import Tokenizer

from trainer import manifest
from trainer.evaluate.benchmark import Question, digest, load_questions, without_seen
from trainer.evaluate.budget_forcing import BudgetForcing, Outcome
from trainer.evaluate.cached_decoder import CachedDecoder
from trainer.evaluate.capacity import capacity
from trainer.evaluate.engine import Greedy
from trainer.evaluate.forcing import Label
from trainer.evaluate.grader import grade
from trainer.evaluate.load_model import load_model, usable_bytes
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.memory import Room, room
from trainer.evaluate.prompts import encode_prompts
from trainer.evaluate.settings import Benchmark, Control, Settings
from trainer.evaluate.subject import Subject, subject_of
from trainer.evaluate.untouched import untouched_folder
from trainer.events import Events
from trainer.load_job import load_any_job
from trainer.rows.source import Surroundings
from trainer.sft.architecture import read_architecture
from trainer.sft.end_tokens import end_tokens
from trainer.sft.model import CausalLM
from trainer.spec import EvaluationJob, Job
from trainer.stage import Outcome as StageOutcome
from trainer.stage import run_loaded
from trainer.tokenizer import load_tokenizer


def evaluate(job: Job | EvaluationJob) -> StageOutcome:
    """Fills and publishes `evaluation/`. Raises StageError `data`, `missing-input` or `configuration`."""
    events = Events(job)
    final = job.work / "evaluation"
    events.phase("loading")
    # What a run that trains reads of a hub was fetched before it held a device.
    online = isinstance(job, EvaluationJob)
    around = Surroundings(job.work, events.note, events.fetched, online=online)
    subject = subject_of(job, around, events)
    settings, checkpoint = subject.settings, subject.digest
    if manifest.is_done(final, stage="evaluate", spec=job.digest) and _evaluated(final) == checkpoint:
        message = f"{final} holds the results of this very checkpoint and specification; nothing to do."
        events.note(message)
        return StageOutcome(message, manifest=manifest.sha256(final / manifest.NAME))
    untouched = untouched_folder(job) if settings.untouched and isinstance(job, Job) else None
    questions: dict[str, list[Question]] = {}
    for benchmark in settings.benchmarks:
        found = load_questions(benchmark, job.spec.inputs.benchmark(benchmark.name), around)
        if subject.trained_on is not None:
            found = without_seen(benchmark, found, subject.trained_on, events)
        questions[benchmark.name] = found
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    folder = manifest.fresh(final)
    measured = measure(job, subject, questions, subject.folder, folder / "samples.jsonl", events)
    result = {"checkpoint": checkpoint, **measured}
    if untouched is not None:
        # The first model's memory is free by now: the two are never held together.
        events.note("Now the model that training began from answers the same questions.")
        result["untouched"] = measure(job, subject, questions, untouched, folder / "untouched.jsonl", events)
    (folder / "results.json").write_text(json.dumps(result) + "\n", encoding="utf-8")
    published = manifest.publish(folder, final, stage="evaluate", spec=job.digest)
    num_questions = sum(map(len, questions.values()))
    message = f"Evaluated {num_questions} questions under {len(settings.controls)} controls."
    return StageOutcome(message, manifest=published)


def measure(
    job: Job | EvaluationJob,
    subject: Subject,
    questions: Mapping[str, list[Question]],
    model_folder: Path,
    samples_file: Path,
    events: Events,
) -> dict[str, Any]:
    """What the model in `model_folder` answers, an entry a benchmark; its words go into `samples_file`."""
    events.phase("loading")
    settings = subject.settings
    tokenizer = load_tokenizer(model_folder)
    ends = end_tokens(model_folder)
    prompts = {
        name: encode_prompts(chosen, subject.system_prompt, tokenizer).ids
        for name, chosen in questions.items()
    }
    device = torch.device(job.spec.device)
    fit = room(
        read_architecture(model_folder),
        tokens=capacity(tokenizer, [prompt for asked in prompts.values() for prompt in asked], settings),
        batch=settings.batch,
        device=job.spec.device,
        usable=usable_bytes(device),
    )
    if fit != Room("fp32", settings.batch):
        events.note(
            f"On this device {fit.batch} of up to {settings.batch} questions are decoded together, in "
            f"{fit.dtype}: more does not fit its memory.",
            level="warning",
        )
    model = load_model(model_folder, device, fit.dtype)
    events.phase("evaluating")
    results = []
    with samples_file.open("w", encoding="utf-8") as samples, MathGrader() as math:
        for benchmark in settings.benchmarks:
            chosen = questions[benchmark.name]
            measured = []
            decoded = replace(settings, batch=fit.batch)
            outcomes = decode(
                model, tokenizer, ends, prompts[benchmark.name], decoded, events, benchmark.name
            )
            for control, column in zip(settings.controls, outcomes, strict=True):
                rows = [_row(benchmark, control, *pair, math) for pair in zip(chosen, column, strict=True)]
                samples.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
                measured.append(_result(control, rows))
            entry = {"name": benchmark.name, "n": len(chosen), "questions": digest(chosen)}
            results.append({**entry, "results": measured})
    return {"dtype": fit.dtype, "benchmarks": results}


def decode(
    model: CausalLM,
    tokenizer: Tokenizer,
    ends: Set[int],
    prompts: Sequence[Sequence[int]],
    settings: Settings,
    events: Events,
    name: str,
) -> list[list[Outcome]]:
    """For each control the outcome of each prompt; `settings.batch` prompts at a time."""
    columns: list[list[Outcome]] = [[] for _ in settings.controls]
    for start in range(0, len(prompts), settings.batch):
        batch = prompts[start : start + settings.batch]
        room = capacity(tokenizer, batch, settings)
        decoder = CachedDecoder(model, num_rows=len(batch), capacity=room)
        forcing = BudgetForcing(
            Greedy(decoder), tokenizer, ends=ends, max_answer_tokens=settings.max_answer_tokens
        )
        for column, outcomes in zip(columns, forcing.run(batch, settings.controls), strict=True):
            column += outcomes
        events.progress(f"questions of {name} decoded", done=start + len(batch), total=len(prompts))
    return columns


def _row(
    benchmark: Benchmark, control: Control, question: Question, outcome: Outcome, math: MathGrader
) -> dict[str, Any]:
    found = grade(
        benchmark.grader, text=outcome.answer, reference=question.reference, cut=outcome.cut, math=math
    )
    return {
        "benchmark": benchmark.name,
        "control": control.kind,
        "budget": control.max_thinking_tokens,
        "times": control.times,
        "question": question.text,
        "reference": question.reference,
        "thinking": outcome.thinking,
        "answer": outcome.answer,
        "thinkingTokens": outcome.num_thinking_tokens,
        "forced": outcome.forced,
        "cut": outcome.cut,
        "label": outcome.label,
        "grade": found,
        "correct": int(found == "right"),
    }


def _result(control: Control, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "control": control.kind,
        "budget": control.max_thinking_tokens,
        "times": control.times,
        "correct": [row["correct"] for row in rows],
        "thinkingTokens": [row["thinkingTokens"] for row in rows],
        "forced": sum(row["forced"] for row in rows),
        "unreadable": sum(row["grade"] == "unreadable" for row in rows),
        "cut": sum(row["cut"] for row in rows),
        **{label: sum(row["label"] == label for row in rows) for label in get_args(Label)},
    }


def _evaluated(folder: Path) -> str | None:
    """Which checkpoint the results in `folder` belong to."""
    try:
        checkpoint = json.loads((folder / "results.json").read_bytes())["checkpoint"]
    except (OSError, ValueError, KeyError):
        return None
    return str(checkpoint)


if __name__ == "__main__":
    run_loaded(lambda: evaluate(load_any_job()))
