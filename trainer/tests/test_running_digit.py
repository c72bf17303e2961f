"""Laws of the generated dataset."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trainer.generate.number_words import in_words
from trainer.generate.running_digit import records

VALUES = {in_words(number): number for number in range(1000)}
SOURCES = st.fixed_dictionaries(
    {
        "samples": st.just(20),
        "seed": st.integers(0, 2**32),
        "slipShare": st.floats(0, 1),
        "additions": st.fixed_dictionaries(
            {
                "median": st.floats(1, 50),
                "sigma": st.floats(0.1, 2),
                "min": st.integers(1, 5),
                "max": st.integers(5, 120),
            }
        ),
    }
)


def read(question: str) -> tuple[int, int, int]:
    match = re.fullmatch(r"Start at (\d+) and add (.+), (.+) times\. What is the last digit\?", question)
    assert match is not None, question
    return int(match[1]), VALUES[match[2]], VALUES[match[3]]


def steps(trace: str) -> list[tuple[int, int]]:
    pairs = (step.split("@") for step in trace.replace("\nWait", "").split(","))
    return [(VALUES[counter], VALUES[digit]) for digit, counter in pairs]


@given(SOURCES)
def test_the_answer_is_the_last_digit_of_the_sum(source: dict[str, Any]) -> None:
    for record in records(source):
        start, addend, times = read(record["question"])
        assert record["answer"] == f"Final Answer: {in_words((start + addend * times) % 10)}"


@given(SOURCES)
def test_a_trace_walks_every_addition_and_after_wait_repeats_the_last_step_rightly(
    source: dict[str, Any],
) -> None:
    for record in records(source):
        start, addend, times = read(record["question"])
        right = [((start + addend * count) % 10) for count in range(times + 1)]
        before, wait, after = record["trace"].partition("\nWait,")
        walked = steps(before)
        if wait:
            count, digit = walked.pop()
            assert digit != right[count] or count == times, "a right step is doubted only at the end"
            walked += steps(after)
        assert walked == list(enumerate(right))


@given(SOURCES)
def test_additions_stay_within_their_bounds(source: dict[str, Any]) -> None:
    additions = source["additions"]
    assert all(
        additions["min"] <= read(record["question"])[2] <= additions["max"] for record in records(source)
    )


def source(**changes: Any) -> dict[str, Any]:
    additions = {"median": 8, "sigma": 0.6, "min": 2, "max": 24}
    return {"samples": 2000, "seed": 1, "slipShare": 0.1, "additions": additions, **changes}


def test_one_seed_gives_the_same_records_always() -> None:
    first, second, *_ = records(source(samples=2))
    assert first == {
        "id": "running-digit-1-0",
        "question": "Start at 847 and add eighty-three, four times. What is the last digit?",
        "trace": "seven@zero,zero@one,three@two,six@three,nine@four",
        "answer": "Final Answer: nine",
    }
    assert second["id"] == "running-digit-1-1"


def test_fewer_samples_are_the_first_of_more() -> None:
    assert list(records(source(samples=10))) == list(records(source()))[:10]


def test_lengths_are_log_normal_and_slips_and_doubts_as_frequent_as_asked_for() -> None:
    made = list(records(source()))
    counts = sorted(read(record["question"])[2] for record in made)
    assert counts[1000] == 8
    assert abs(counts[1682] - 8 * 2.718281828**0.6) <= 1
    waits = sum("Wait" in record["trace"] for record in made) / len(made)
    assert abs(waits - (0.1 + 0.9 * 0.1)) < 0.02


def test_two_seeds_share_few_questions() -> None:
    trained_on = {record["question"] for record in records(source())}
    shared = sum(record["question"] in trained_on for record in records(source(seed=2, samples=400)))
    assert shared < 20
