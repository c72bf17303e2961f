"""Under which names a dataset that nobody has described keeps question, trace and answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# As public datasets name them; the first that holds text counts. Of an answer and a whole solution beside a
# trace, s1 trains on what the trace's own model answered (its `attempt`).
QUESTIONS = ("question", "problem", "instruction", "prompt", "query", "input", "task", "user", "human")
TRACES = (
    "trace", "thinking_trajectories", "deepseek_thinking_trajectory", "gemini_thinking_trajectory",
    "thinking_trajectory", "reasoning_trace", "reasoning_content", "reasoning", "thinking", "thought",
    "thoughts", "think", "cot", "chain_of_thought", "rationale",
)  # fmt: skip
ANSWERS = (
    "answer", "final_answer", "attempt", "deepseek_attempt", "gemini_attempt", "response", "output",
    "completion", "solution", "expected_answer", "target", "assistant",
)  # fmt: skip
# A trace and the answer that came with it.
PAIRS = {
    "thinking_trajectories": "attempt",
    "deepseek_thinking_trajectory": "deepseek_attempt",
    "gemini_thinking_trajectory": "gemini_attempt",
}
TURNS = ("messages", "conversations", "conversation", "dialogue", "turns")
TAGS = ("<think>", "<thought>", "<reasoning>", "<|begin_of_thought|>")
# A field that is empty in some rows is still the field; those rows are told one by one.
ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    question: str | None
    trace: str | None
    answer: str | None
    hints: list[str]
    """What a person should do about what was not found, in sentences."""


def guess_fields(rows: Sequence[Any]) -> Guess:
    """`rows`: some of a dataset's, as they were read."""
    objects = [row for row in rows if isinstance(row, dict)]
    with_text = _fields_with_text(objects)
    question = _first(QUESTIONS, with_text, taken=())
    trace = _first(TRACES, with_text, taken=(question,))
    paired = PAIRS.get((trace or "").lower())
    wanted = (paired, *ANSWERS) if paired else ANSWERS
    answer = _first(wanted, with_text, taken=(question, trace))
    hints = []
    if turns := next((name for row in objects for name in row if name.lower() in TURNS), None):
        hints.append(
            f"Rows keep whole conversations in `{turns}`. Write each as one row with question (the user's "
            "turn), trace (what the assistant thinks) and answer (what it says then)."
        )
    holder = next((name for name, texts in with_text.items() if _tagged(texts)), None)
    if holder and trace is None:
        hints.append(
            f"`{holder}` holds the thinking and the answer in one text, apart by a tag. Split it into two "
            "fields, trace and answer."
        )
    missing = [
        what for what, name in (("question", question), ("trace", trace), ("answer", answer)) if not name
    ]
    if missing:
        hints.append(f"No field was found for {' and '.join(missing)}: name it in dataset.fields.")
    return Guess(question, trace, answer, hints)


def _fields_with_text(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Fields that hold text in at least half of the rows, with it."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for name, value in row.items():
            text = "\n".join(value) if _is_texts(value) else value
            if isinstance(text, str) and text.strip():
                found.setdefault(name, []).append(text)
    return {name: texts for name, texts in found.items() if len(texts) >= ENOUGH * len(rows)}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, str) for part in value)


def _first(names: Sequence[str], found: Mapping[str, Any], taken: Sequence[str | None]) -> str | None:
    by_name = {name.lower(): name for name in found if name not in taken}
    return next((by_name[name] for name in names if name in by_name), None)


def _tagged(texts: Sequence[str]) -> bool:
    return sum(any(tag in text.lower() for tag in TAGS) for text in texts) >= ENOUGH * len(texts)
