"""Every question of every benchmark under every control, as often as is asked, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.evaluate.asking import Asking, Unit, batches
from trainer.evaluate.benchmark import Question, digest
from trainer.evaluate.hosts import open_host
from trainer.evaluate.journal import Journal, Record
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.prompts import encode_told
from trainer.evaluate.rows import Row, result_of, row_of
from trainer.evaluate.seeds import seed_of
from trainer.evaluate.settings import Benchmark, Settings
from trainer.evaluate.subject import Subject
from trainer.events import Events
from trainer.parse import camel
from trainer.sft.end_tokens import end_tokens
from trainer.spec import EvaluationJob, Job
from trainer.tokenizer import load_tokenizer


@dataclass(frozen=True, slots=True)
class Measured:
    result: dict[str, Any]
    rows: list[Row]
    """An answer each: by benchmark, control, question and sample."""


@dataclass(frozen=True, slots=True)
class Records:
    """Where finished questions are kept, and what they rest on beside the engine (Journal)."""

    path: Path
    rests_on: Mapping[str, Any]


def measure(
    job: Job | EvaluationJob,
    subject: Subject,
    questions: Mapping[str, list[Question]],
    records: Records,
    events: Events,
) -> Measured:
    """What the subject's model answers to the questions of each benchmark."""
    events.phase("loading")
    settings, folder, tokenizer = subject.settings, subject.folder, load_tokenizer(subject.folder)
    prompts = {
        name: {
            told: encoded.ids
            for told, encoded in encode_told(
                chosen, settings.controls, subject.system_prompt, tokenizer
            ).items()
        }
        for name, chosen in questions.items()
    }
    asked = [prompt for of in prompts.values() for told in of.values() for prompt in told]
    with open_host(job, settings, folder, tokenizer, asked, events) as host, MathGrader() as math:
        events.phase("evaluating")
        told = asdict(host.identity)
        # Only an endpoint has an address, and a model that is known by its name alone.
        elsewhere = {key: told.pop(key) for key in ("url", "model")}
        named = {key: value for key, value in elsewhere.items() if value is not None}
        identity = {camel(key): value for key, value in {**told, **named}.items()}
        asking = Asking(host, tokenizer, settings, end_tokens(folder))
        with Journal(records.path, {**records.rests_on, "engine": identity}) as journal:
            for benchmark in settings.benchmarks:
                chosen = questions[benchmark.name]
                _answer(asking, benchmark, chosen, prompts[benchmark.name], journal, math, events)
            measured = [
                _measured(settings, each, questions[each.name], journal, math) for each in settings.benchmarks
            ]
    sampling = {"temperature": settings.temperature, "samples": settings.samples, "seed": settings.seed}
    dtype = {} if host.identity.dtype is None else {"dtype": host.identity.dtype}
    return Measured(
        {"engine": identity, **dtype, "sampling": sampling, "benchmarks": [each.result for each in measured]},
        [row for each in measured for row in each.rows],
    )


def _answer(
    asking: Asking,
    benchmark: Benchmark,
    questions: Sequence[Question],
    prompts: Mapping[str, Sequence[Sequence[int]]],
    journal: Journal,
    math: MathGrader,
    events: Events,
) -> None:
    """Asks what the journal has not, and appends it. Answers are graded while others are still made."""
    samples = asking.settings.samples
    known = {_unit(record) for record in journal.of(benchmark.name)}
    if known:
        events.note(f"{len(known)} answers of {benchmark.name} were there already.")

    def seed(unit: Unit) -> int:
        # By its text, because which questions are left out hangs on the training data.
        text = questions[unit.question].text
        return seed_of(asking.settings.seed, benchmark.name, text, unit.sample)

    wanted = batches(len(questions), samples, known, asking.host.together)
    for batch, columns in asking.answers(wanted, prompts, seed):
        new: list[Record] = []
        for unit, outcomes in zip(batch, zip(*columns, strict=True), strict=True):
            if unit in known:
                continue
            place = {"number": unit.question + 1, "sample": unit.sample + 1, "seed": seed(unit)}
            rows = [
                {**row_of(benchmark, control, questions[unit.question], outcome, math), **place}
                for control, outcome in zip(asking.settings.controls, outcomes, strict=True)
            ]
            new.append({"benchmark": benchmark.name, **asdict(unit), "rows": rows})
        journal.append(new)
        known |= {_unit(record) for record in new}
        done = len(known) // samples
        events.progress(f"questions of {benchmark.name} decoded", done=done, total=len(questions))


def _measured(
    settings: Settings,
    benchmark: Benchmark,
    questions: list[Question],
    journal: Journal,
    math: MathGrader,
) -> Measured:
    by_unit = {_unit(record): record["rows"] for record in journal.of(benchmark.name)}
    results, rows = [], []
    for place, control in enumerate(settings.controls):
        by_question = [
            [by_unit[Unit(question, sample)][place] for sample in range(settings.samples)]
            for question in range(len(questions))
        ]
        results.append(result_of(benchmark, control, by_question, math))
        rows += [row for of in by_question for row in of]
    entry = {"name": benchmark.name, "n": len(questions), "questions": digest(questions)}
    return Measured({**entry, "results": results}, rows)


def _unit(record: Record) -> Unit:
    return Unit(record["question"], record["sample"])
