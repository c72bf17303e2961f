"""Every question of every benchmark under every control, as often as is asked, and what it comes to."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.evaluate.asking import Asking
from trainer.evaluate.benchmark import Question
from trainer.evaluate.desk import Desk, Measured
from trainer.evaluate.engine import Host
from trainer.evaluate.hosts import open_host
from trainer.evaluate.journal import Journal
from trainer.evaluate.judge import Judge
from trainer.evaluate.judging import Judging
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.prompts import encode_told
from trainer.evaluate.settings import Settings
from trainer.evaluate.subject import Subject
from trainer.events import Events
from trainer.parse import camel
from trainer.sft.end_tokens import end_tokens
from trainer.spec import EvaluationJob, Job
from trainer.tokenizer import load_tokenizer


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
    with ExitStack() as opened:
        judge, judged_by = _open_judge(settings, events, opened)
        host = opened.enter_context(open_host(job, settings, folder, tokenizer, asked, events))
        math, judging = opened.enter_context(MathGrader()), opened.enter_context(Judging(judge))
        events.phase("evaluating")
        identity = _identity_of(host)
        rests_on = {**records.rests_on, "engine": identity, **judged_by}
        journal = opened.enter_context(Journal(records.path, rests_on))
        desk = Desk(
            Asking(host, tokenizer, settings, end_tokens(folder)), journal, math, judging, events, settings
        )
        for benchmark in settings.benchmarks:
            desk.answer(benchmark, questions[benchmark.name], prompts[benchmark.name])
        measured = [desk.measured(each, questions[each.name]) for each in settings.benchmarks]
    sampling = {"temperature": settings.temperature, "samples": settings.samples, "seed": settings.seed}
    dtype = {} if host.identity.dtype is None else {"dtype": host.identity.dtype}
    benchmarks = [each.result for each in measured]
    return Measured(
        {"engine": identity, **judged_by, **dtype, "sampling": sampling, "benchmarks": benchmarks},
        [row for each in measured for row in each.rows],
    )


def _open_judge(
    settings: Settings, events: Events, opened: ExitStack
) -> tuple[Judge | None, dict[str, dict[str, Any]]]:
    """The judge, with what the results say of it; it has shown that it can judge before a device works.

    Raises StageError as `Judge.require_ready`.
    """
    if settings.judge is None:
        return None, {}
    judge = opened.enter_context(Judge(settings.judge, tell=lambda text: events.note(text, level="warning")))
    return judge, {"judge": judge.require_ready()}


def _identity_of(host: Host) -> dict[str, Any]:
    told = asdict(host.identity)
    # Only an endpoint has an address, and a model that is known by its name alone.
    elsewhere = {key: told.pop(key) for key in ("url", "model")}
    named = {key: value for key, value in elsewhere.items() if value is not None}
    return {camel(key): value for key, value in {**told, **named}.items()}
