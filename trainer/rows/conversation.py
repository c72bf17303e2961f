"""Question, trace and answer of rows that keep them in one field: as turns of a conversation, or as one text.

Datasets of distilled reasoning are kept so: `messages` with `role` and `content`, or `conversations` with
`from` and `value` (ShareGPT), in which the assistant thinks between tags, or in a field beside its content.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

Part = Literal["question", "trace", "answer"]

USERS: Final = ("user", "human")
ASSISTANTS: Final = ("assistant", "gpt", "model", "bot")
SYSTEMS: Final = ("system", "developer")
# As servers of reasoning models name what was thought beside what was said.
THOUGHTS: Final = ("reasoning_content", "reasoning", "thinking", "thought")
# Between which tags models think: R1 and Qwen3, then others; the last pair is OpenThoughts'.
TAGS: Final = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
)
# Some wrap what follows, too: OpenThoughts, Marco-o1, and R1-Zero's followers.
SOLUTIONS: Final = (
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("<output>", "</output>"),
    ("<answer>", "</answer>"),
)


def is_turns(value: Any) -> bool:
    """Whether a field holds a conversation, whatever it says."""
    return isinstance(value, list) and bool(value) and all(_speaker(turn) is not None for turn in value)


def has_system(value: Any) -> bool:
    """Whether a field holds a conversation with a system turn."""
    return is_turns(value) and any(_speaker(turn) in SYSTEMS for turn in value)


def of_turns(turns: Sequence[Mapping[str, Any]], part: Part) -> str:
    """A part of a conversation of one question and one answer. A system turn before it is left out.

    Raises ValueError that says what the conversation holds, and what was expected.
    """
    spoken = [turn for turn in turns if _speaker(turn) not in SYSTEMS]
    speakers = [_speaker(turn) for turn in spoken]
    if len(spoken) != 2 or speakers[0] not in USERS or speakers[1] not in ASSISTANTS:
        found = ", ".join(map(str, speakers)) or "none"
        raise ValueError(f"holds the turns {found:.120}; expected one of the user, then one of the assistant")
    question, reply = spoken
    if part == "question":
        return _content(question)
    thought = next((reply[name] for name in THOUGHTS if isinstance(reply.get(name), str)), None)
    if thought is not None and thought.strip():
        return thought if part == "trace" else _content(reply)
    return of_text(_content(reply), part)


def of_text(text: str, part: Literal["trace", "answer"]) -> str:
    """What a text that thinks before it answers holds between its tags, or behind them.

    The opening tag may be missing: many chat templates put it into the prompt. Raises ValueError.
    """
    for start, end in TAGS:
        before, *after = _split(text, end)
        if not after:
            continue
        if len(after) > 1:
            raise ValueError(f"ends its thinking ({end}) {len(after)} times; expected once")
        head, *inside = _split(before, start)
        if inside and head.strip():
            raise ValueError(f"says {head.strip()!r:.40} before it thinks ({start})")
        return start.join(inside or [head]).strip() if part == "trace" else _solution(after[0])
    expected = ", ".join(f"{start} … {end}" for start, end in TAGS)
    raise ValueError(f"holds no thinking that is apart from the answer; expected one of {expected}")


def _solution(text: str) -> str:
    stripped = text.strip()
    for start, end in SOLUTIONS:
        if stripped.lower().startswith(start) and stripped.lower().endswith(end):
            return stripped[len(start) : -len(end)].strip()
    return stripped


def _split(text: str, tag: str) -> list[str]:
    """Apart at a tag, however it is capitalised."""
    return re.split(re.escape(tag), text, flags=re.IGNORECASE)


def _speaker(turn: Any) -> str | None:
    if not isinstance(turn, Mapping):
        return None
    name = turn.get("role", turn.get("from"))
    return name.lower() if isinstance(name, str) else None


def _content(turn: Mapping[str, Any]) -> str:
    content = turn.get("content", turn.get("value"))
    # Where a turn may hold pictures too, its text is a list of parts.
    if isinstance(content, list) and all(_is_text_part(part) for part in content):
        return "\n".join(part["text"] for part in content)
    if isinstance(content, str):
        return content
    raise ValueError(f"holds a turn of {_speaker(turn):.40} whose content is no text")


def _is_text_part(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") == "text" and isinstance(part.get("text"), str)
