"""Records on their way past the judge: engines go on while it thinks, and each record waits for its own."""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from trainer.evaluate.journal import Record
from trainer.evaluate.judge import AT_ONCE, Judge, Opinion
from trainer.evaluate.settings import JudgeChoice
from trainer.parse import camel

Row = dict[str, Any]


class Judging:
    """A context manager; with no judge all records pass as they are."""

    def __init__(self, judge: Judge | None) -> None:
        self._judge = judge
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._waiting: deque[tuple[list[Record], list[Future[Row]]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def put(self, records: list[Record]) -> Iterator[list[Record]]:
        """Takes the records, with rows as the grader left them; gives those that are finished by now."""
        rows = [self._judged(row) for record in records for row in record["rows"]]
        self._waiting.append((records, rows))
        while self._waiting and all(row.done() for row in self._waiting[0][1]):
            yield self._finished()

    def rest(self) -> Iterator[list[Record]]:
        """All others, as they are finished."""
        while self._waiting:
            yield self._finished()

    def _finished(self) -> list[Record]:
        records, futures = self._waiting.popleft()
        rows = (future.result() for future in futures)
        return [{**record, "rows": [next(rows) for _ in record["rows"]]} for record in records]

    def _judged(self, row: Row) -> "Future[Row]":
        judge = self._judge
        if judge is not None and is_asked_about(row, judge.choice):
            return self._pool.submit(_heard, judge, row)
        settled: Future[Row] = Future()
        settled.set_result(row)
        return settled


def _heard(judge: Judge, row: Row) -> Row:
    return with_opinion(row, judge.hear(row["question"], row["reference"], row["answer"], row["seed"]))


def is_asked_about(row: Row, choice: JudgeChoice) -> bool:
    """An answer that its limit has cut, or that says nothing, is nobody's to judge."""
    if row["cut"] or not row["answer"].strip():
        return False
    return choice.answers == "all" or row["grade"] == "unreadable"


def with_opinion(row: Row, opinion: Opinion) -> Row:
    """What the grader said is kept beside the verdict, which is marked."""
    told = {camel(key): value for key, value in asdict(opinion).items()}
    heard = {**row, "judge": {**told, "grader": row["grade"]}}
    if opinion.verdict is None:
        return heard
    grade = opinion.verdict
    return {**heard, "grade": grade, "gradedBy": "judge", "correct": int(grade == "right")}


def counts_of(rows: list[Row]) -> dict[str, Any]:
    """What the judge has added to a control's answers, and what that took."""
    asked = [row["judge"] for row in rows if "judge" in row]
    verdicts = [each["verdict"] for each in asked]
    return {
        "asked": len(asked),
        **{grade: verdicts.count(grade) for grade in ("right", "wrong", "unreadable")},
        "unheard": verdicts.count(None),
        "overruled": sum(_is_overruled(each) for each in asked),
        **{key: sum(each[key] or 0 for each in asked) for key in ("promptTokens", "completionTokens")},
    }


def _is_overruled(heard: Mapping[str, Any]) -> bool:
    return heard["verdict"] is not None and heard["grader"] not in ("unreadable", heard["verdict"])
