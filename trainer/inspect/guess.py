"""Under which names a dataset that nobody has described keeps question, trace and answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.rows.conversation import has_system, is_turns, of_text, of_turns
from trainer.rows.text import joined, kind_of

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
NAMES = {"question": QUESTIONS, "trace": TRACES, "answer": ANSWERS}
# A trace and the answer that came with it.
PAIRS = {
    "thinking_trajectories": "attempt",
    "deepseek_thinking_trajectory": "deepseek_attempt",
    "gemini_thinking_trajectory": "gemini_attempt",
}
TURNS = ("messages", "conversations", "conversation", "dialogue", "turns")
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
    turns = next((name for row in objects for name in row if name.lower() in TURNS), None)
    if trace is None and turns and _mostly(objects, turns, lambda value: of_turns(value, "trace")):
        # The answer that came with the trace, whatever other answers there are.
        question, trace, answer = question or turns, turns, turns
        hints += left_out(rows, turns)
    elif trace is None and (
        holder := next(
            (name for name in with_text if _mostly(objects, name, lambda text: of_text(text, "trace"))), None
        )
    ):
        question = question if question != holder else None
        trace = answer = holder
    elif turns and not (question and trace and answer):
        hints.append(
            f"Rows keep whole conversations in `{turns}`, and not one question with one answer that thinks "
            "before it in tags (<think> … </think>). Write each as one row with question, trace (what the "
            "assistant thinks) and answer (what it says then)."
        )
    hints += _not_found(objects, {"question": question, "trace": trace, "answer": answer})
    return Guess(question, trace, answer, hints)


def left_out(rows: Sequence[Any], name: str) -> list[str]:
    """What a field of conversations holds that no sample begins with, in a sentence."""
    if not any(isinstance(row, dict) and has_system(row.get(name)) for row in rows):
        return []
    return [f"System turns in `{name}` are left out: dataset.systemPrompt is what begins each sample."]


def _not_found(objects: Sequence[Mapping[str, Any]], found: Mapping[str, str | None]) -> list[str]:
    """Which parts no column was found for, and which columns only lack text; nothing where no row has any."""
    missing = [part for part, name in found.items() if not name]
    if not missing or not objects:
        return []
    hints = []
    for part in missing:
        named = {name for row in objects for name in row if name.lower() in NAMES[part]}
        for name in sorted(named - set(found.values())):
            kinds = [kind_of(row[name]) for row in objects if name in row]
            if (kind := max(kinds, key=kinds.count)) != "text":
                hints.append(f"`{name}` holds {kind} where the {part} would be: write it as text.")
    *others, last = missing
    parts, them = (f"{', '.join(others)} and {last}", "them") if others else (last, "it")
    return [
        *hints,
        f"No column was found for {parts}: name {them} in a recipe's dataset.fields, or to "
        f"`stint init` as {' '.join(f'--{part}' for part in missing)}.",
    ]


def _fields_with_text(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Fields that hold text in at least half of the rows, with it."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for name, value in row.items():
            text = joined(value)
            if isinstance(text, str) and text.strip():
                found.setdefault(name, []).append(text)
    return {name: texts for name, texts in found.items() if len(texts) >= ENOUGH * len(rows)}


def _first(names: Sequence[str], found: Mapping[str, Any], taken: Sequence[str | None]) -> str | None:
    by_name = {name.lower(): name for name in found if name not in taken}
    return next((by_name[name] for name in names if name in by_name), None)


def _mostly(rows: Sequence[Mapping[str, Any]], name: str, part: Callable[[Any], str]) -> bool:
    """Whether in half of the rows the field's part is there."""
    return sum(_is_there(row.get(name), part) for row in rows) >= max(1, ENOUGH * len(rows))


def _is_there(value: Any, part: Callable[[Any], str]) -> bool:
    if not (isinstance(value, str) or is_turns(value)):
        return False
    try:
        return bool(part(value).strip())
    except ValueError:
        return False
