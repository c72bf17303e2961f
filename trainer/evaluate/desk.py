"""Where answers are asked for, graded, judged and kept, a benchmark after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trainer.evaluate.asking import Asking, Unit, batches
from trainer.evaluate.benchmark import Question, digest
from trainer.evaluate.budget_forcing import Outcome
from trainer.evaluate.counted import counted
from trainer.evaluate.journal import Journal, Record
from trainer.evaluate.judging import Judging
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.rows import Row, result_of, row_of
from trainer.evaluate.seeds import seed_of
from trainer.evaluate.settings import Benchmark, Settings
from trainer.events import Events


@dataclass(frozen=True, slots=True)
class Measured:
    result: dict[str, Any]
    rows: list[Row]
    """An answer each: by benchmark, control, question and sample."""


@dataclass(frozen=True, slots=True)
class Desk:
    asking: Asking
    journal: Journal
    math: MathGrader
    judging: Judging
    events: Events
    settings: Settings

    def answer(
        self,
        benchmark: Benchmark,
        questions: Sequence[Question],
        prompts: Mapping[str, Sequence[Sequence[int]]],
    ) -> None:
        """Asks what the journal has not, and appends it. Answers are graded while others are still made."""
        samples = self.settings.samples
        known = {_unit(record) for record in self.journal.of(benchmark.name)}
        if known:
            self.events.note(f"{counted(len(known), 'answer')} of {benchmark.name}: known already.")

        def seed(unit: Unit) -> int:
            # By its text, because which questions are left out hangs on the training data.
            return seed_of(self.settings.seed, benchmark.name, questions[unit.question].text, unit.sample)

        def keep(new: list[Record]) -> None:
            self.journal.append(new)
            known.update(map(_unit, new))
            done = len(known) // samples
            self.events.progress(f"questions of {benchmark.name} decoded", done=done, total=len(questions))

        wanted = batches(len(questions), samples, known, self.asking.host.together)
        for batch, columns in self.asking.answers(wanted, prompts, seed):
            new = [
                self._record(benchmark, questions[unit.question], unit, seed(unit), outcomes)
                for unit, outcomes in zip(batch, zip(*columns, strict=True), strict=True)
                if unit not in known
            ]
            for finished in self.judging.put(new):
                keep(finished)
        for finished in self.judging.rest():
            keep(finished)

    def _record(
        self, benchmark: Benchmark, question: Question, unit: Unit, seed: int, outcomes: Sequence[Outcome]
    ) -> Record:
        place = {"number": unit.question + 1, "sample": unit.sample + 1, "seed": seed}
        rows = [
            {**row_of(benchmark, control, question, outcome, self.math), **place}
            for control, outcome in zip(self.settings.controls, outcomes, strict=True)
        ]
        return {"benchmark": benchmark.name, **asdict(unit), "rows": rows}

    def measured(self, benchmark: Benchmark, questions: list[Question]) -> Measured:
        by_unit = {_unit(record): record["rows"] for record in self.journal.of(benchmark.name)}
        results, rows = [], []
        for place, control in enumerate(self.settings.controls):
            by_question = [
                [by_unit[Unit(question, sample)][place] for sample in range(self.settings.samples)]
                for question in range(len(questions))
            ]
            with_judge = self.settings.judge is not None
            results.append(result_of(benchmark, control, by_question, self.math, with_judge=with_judge))
            rows += [row for of in by_question for row in of]
        entry = {"name": benchmark.name, "n": len(questions), "questions": digest(questions)}
        return Measured({**entry, "results": results}, rows)


def _unit(record: Record) -> Unit:
    return Unit(record["question"], record["sample"])
