"""Samples that stand in one field: conversations, and texts that think before they answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.inspect.guess import guess_fields, left_out
from trainer.rows.conversation import SOLUTIONS, TAGS, of_text
from trainer.rows.read import Row
from trainer.rows.records import Reading, read_records
from trainer.spec import Fields

TOLD = ("What is 2+2?", "Add them.", "4")
SHARED = Path(__file__).parents[3] / "shared" / "data"


def turns(question: str, reply: str, *, before: tuple[dict[str, Any], ...] = ()) -> list[dict[str, Any]]:
    return [*before, {"role": "user", "content": question}, {"role": "assistant", "content": reply}]


def read(row: dict[str, Any], fields: Fields | None = None) -> Reading:
    if fields is None:
        guess = guess_fields([row])
        assert guess.question is not None and guess.trace is not None and guess.answer is not None
        fields = Fields(guess.question, guess.trace, guess.answer)
    return read_records([Row("rows.jsonl", 1, row)], fields)


SYSTEM = {"role": "system", "content": "Think."}
THOUGHT = "<|begin_of_thought|>\n\nAdd them.\n\n<|end_of_thought|>"
SOLVED = "<|begin_of_solution|>\n\n4\n\n<|end_of_solution|>"


@pytest.mark.parametrize(
    "row",
    [
        {"messages": turns("What is 2+2?", "<think>\nAdd them.\n</think>\n\n4")},
        # The chat template has put the opening tag into the prompt.
        {"messages": turns("What is 2+2?", "Add them.\n</think>\n\n4", before=(SYSTEM,))},
        {
            "system": "s",
            "conversations": [
                {"from": "human", "value": "What is 2+2?"},
                {"from": "gpt", "value": f"{THOUGHT}\n\n{SOLVED}"},
            ],
        },
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "What is 2+2?"}]},
                {"role": "assistant", "content": "4", "reasoning_content": "Add them."},
            ]
        },
        # The answer is the one that came with the trace.
        {
            "problem": "What is 2+2?",
            "solution": "four",
            "messages": turns("And?", "<think>Add them.</think>4"),
        },
        {"prompt": "What is 2+2?", "response": "<Thought>\nAdd them.\n</Thought>\n<Output>\n4\n</Output>"},
        {"prompt": "What is 2+2?", "output": "<think>Add them.</think><answer>4</answer>"},
    ],
)
def test_what_public_datasets_keep_in_one_field_is_guessed_and_told_apart(row: dict[str, Any]) -> None:
    reading = read(row)
    assert not reading.broken
    (record,) = reading.records
    assert (record.question, record.trace, record.answer) == TOLD


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (
            [*turns("a", "<think>b</think>c"), *turns("d", "<think>e</think>f")],
            'field "messages" holds the turns user, assistant, user, assistant; expected one of the user',
        ),
        (
            turns("a", "b"),
            "holds no thinking that is apart from the answer; expected one of <think> … </think>",
        ),
        (turns("a", "<think>b</think>c</think>d"), "ends its thinking (</think>) 2 times"),
        (turns("a", "So: <think>b</think>c"), "says 'So:' before it thinks"),
        (turns("a", "<think>b</think>"), 'field "messages" is empty'),
        (turns("a", "<think></think>b"), 'field "messages" is empty'),
        (
            [{"role": "user", "content": [{"type": "image"}]}, {"role": "assistant", "content": "b"}],
            "a turn of user whose content is no text",
        ),
        ([SYSTEM], "holds the turns none"),
        ("text", "no thinking"),
        ([], 'field "messages" is a list, expected text'),
    ],
)
def test_a_conversation_that_is_no_sample_is_one_broken_row_that_says_why(
    messages: Any, expected: str
) -> None:
    reading = read({"messages": messages}, Fields("messages", "messages", "messages"))
    assert not reading.records
    (broken,) = reading.broken
    assert expected in broken.what


def test_system_turns_are_said_to_be_left_out() -> None:
    guess = guess_fields([{"messages": turns("a", "<think>b</think>c", before=(SYSTEM,))}])
    assert "System turns in `messages` are left out" in guess.hints[0]
    assert (
        left_out([{"messages": turns("a", "<think>b</think>c")}, None, {"messages": "text"}], "messages")
        == []
    )


def test_one_field_for_the_trace_alone_keeps_its_text_as_it_is() -> None:
    row = {"question": "q", "reasoning": "<think>a</think>", "answer": "b"}
    (record,) = read(row).records
    assert (record.trace, record.answer) == ("<think>a</think>", "b")


PLAIN = st.text(
    alphabet=st.characters(exclude_characters="<>", exclude_categories=["Cs"]), min_size=1
).filter(str.strip)


@given(PLAIN, PLAIN, st.sampled_from(TAGS), st.sampled_from([*SOLUTIONS, ("", "")]), st.booleans())
def test_what_is_put_between_tags_is_found_there(
    trace: str, answer: str, tags: tuple[str, str], wrap: tuple[str, str], opened: bool
) -> None:
    text = f"{tags[0] if opened else ''}{trace}{tags[1]}\n{wrap[0]}{answer}{wrap[1]}\n"
    assert (of_text(text, "trace"), of_text(text, "answer")) == (trace.strip(), answer.strip())


def test_published_traces_are_told_apart_row_by_row() -> None:
    file = SHARED / "marco-o1-traces.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    guess = guess_fields(rows)
    assert (guess.question, guess.trace, guess.answer) == ("instruction", "response", "response")
    reading = read_records(
        [Row("rows.jsonl", number, row) for number, row in enumerate(rows, start=1)],
        Fields("instruction", "response", "response"),
    )
    assert len(reading.records) + reading.num_broken == 125
    assert len(reading.records) > 100
    assert not any("Thought>" in record.trace + record.answer for record in reading.records)
