"""A model behind OpenAI's chat protocol that judges what the grader cannot read, or all, as the recipe says.

Its word is never taken for the grader's: every verdict of it is marked. Where it says nothing that is a
verdict, or nothing at all, what the grader said stands.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from trainer.evaluate.endpoint import SHORT_SECONDS, Endpoint
from trainer.evaluate.grader import Grade
from trainer.evaluate.judge_protocol import (
    MAX_TOKENS,
    SHOWN_CHARACTERS,
    TERMS,
    code_of,
    count_of,
    instructions,
    messages_of,
    other_terms,
    read_verdict,
    reply_of,
)
from trainer.evaluate.settings import JudgeChoice
from trainer.failure import StageError

KEY_VARIABLE = "STINT_JUDGE_KEY"
AT_ONCE = 8
# A slower judge would keep devices waiting; one that writes a whole thought before its verdict has its time.
LEAST_TOKENS_PER_SECOND = 10
REPLY_SECONDS = SHORT_SECONDS + MAX_TOKENS / LEAST_TOKENS_PER_SECOND
# A judge that was not there so many times in a row is asked no more: each time takes all tries.
FEWEST_SILENCES = 3
_TRIALS: tuple[tuple[str, Grade], ...] = (("2", "right"), ("3", "wrong"))


@dataclass(frozen=True, slots=True)
class Opinion:
    """What came of one answer; `problem` where there is no verdict."""

    verdict: Grade | None
    said: str | None = None
    """Its beginning, for whoever doubts."""
    problem: str | None = None
    model: str | None = None
    """As the reply calls it: what a name stands for changes at some servers."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Judge:
    """A context manager; thread-safe. `tell` hears once that it is given up."""

    def __init__(
        self,
        choice: JudgeChoice,
        *,
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.choice = choice
        self._endpoint = Endpoint(
            choice.url, at_once=AT_ONCE, sleep=sleep, key_variable=KEY_VARIABLE, field="evaluation.judge"
        )
        self._tell = tell
        self._model = choice.model or ""
        self._terms = TERMS
        self._silences = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._endpoint.__exit__(kind, error, trace)

    def require_ready(self) -> dict[str, Any]:
        """Who judges, for the result, once it has told a right answer from a wrong one.

        Raises StageError `configuration` where it cannot or refuses, `infrastructure` where it is silent.
        """
        self._model = self._endpoint.served(self.choice.model).model
        for answer, expected in _TRIALS:
            found = self._tried(answer)
            if found.verdict != expected:
                message = (
                    f"The judge {self._model} at {self._endpoint.url} was asked whether {answer} answers "
                    f"1 + 1, and gave {found.verdict or 'no verdict'}: {found.said or found.problem!s}. "
                    "Name another model as evaluation.judge.model, or correct evaluation.judge.prompt."
                )
                raise StageError("configuration", message)
        told = hashlib.sha256(instructions(self.choice.prompt).encode()).hexdigest()
        return {
            "url": self._endpoint.url,
            "model": self._model,
            "answers": self.choice.answers,
            "temperature": self._terms.get("temperature"),
            "instructions": f"sha256:{told}",
        }

    def _tried(self, answer: str) -> Opinion:
        """What it says of an answer to 1 + 1, on terms that its server takes; they hold from then on."""
        while True:
            try:
                return self._hear("What is 1 + 1?", "2", answer, 0)
            except StageError as error:
                terms = other_terms(self._terms, str(error)) if error.exit_class == "configuration" else None
                if terms is None:
                    raise
                self._terms = terms

    def hear(self, question: str, reference: str, answer: str, seed: int) -> Opinion:
        """On one answer; whatever goes wrong is in the opinion."""
        if self._silences >= FEWEST_SILENCES:
            return Opinion(None, problem="it was asked no more, because it had not answered before")
        try:
            opinion = self._hear(question, reference, answer, seed)
        except StageError as error:
            if error.exit_class == "infrastructure":
                self._count_silence()
            return Opinion(None, problem=str(error)[:SHOWN_CHARACTERS])
        with self._lock:
            self._silences = 0
        return opinion

    def _count_silence(self) -> None:
        with self._lock:
            self._silences += 1
            is_last = self._silences == FEWEST_SILENCES
        if is_last:
            self._tell(
                f"The judge at {self._endpoint.url} did not answer {FEWEST_SILENCES} times in a row and is "
                "asked no more: the grades of the grader stand."
            )

    def _hear(self, question: str, reference: str, answer: str, seed: int) -> Opinion:
        code = code_of(question, reference, answer, seed)
        request = {
            "model": self._model,
            "messages": messages_of(question, reference, answer, code, self.choice.prompt),
            **self._terms,
        }
        found = self._endpoint.post("/chat/completions", request, seconds=REPLY_SECONDS)
        reply, problem = reply_of(found)
        verdict = None if reply is None or problem is not None else read_verdict(reply, code)
        if verdict is None and problem is None:
            problem = "its reply is not the code and one of the three words"
        model = found.get("model")
        return Opinion(
            verdict,
            said=None if reply is None else self._endpoint.without_key(reply)[:SHOWN_CHARACTERS],
            problem=problem,
            model=self._endpoint.without_key(model) if isinstance(model, str) else None,
            prompt_tokens=count_of(found, "prompt_tokens"),
            completion_tokens=count_of(found, "completion_tokens"),
        )
