"""Loops, seeds and votes: rules over what was said."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluate.grader import Grader, grade
from trainer.evaluate.loops import FEWEST_COPIES, FEWEST_TOKENS, Loop, loop_of
from trainer.evaluate.math.client import MathGrader
from trainer.evaluate.seeds import seed_of
from trainer.evaluate.votes import Given, alike_by, classes_of, covered, majority, sizes


@given(st.integers(1, 60), st.integers(0, 40), st.integers(1, 30), st.integers(0, 59))
def test_a_text_that_ends_in_copies_is_a_loop_of_their_shortest_period(
    period: int, before: int, copies: int, part: int
) -> None:
    draw = random.Random(period)
    # Its first token occurs nowhere else, so that no shorter period fits.
    block = [1000, *(draw.randrange(900) for _ in range(period - 1))]
    tokens = [*range(2000, 2000 + before), *block * copies, *block[: part % period]]
    repeated = copies * period + part % period
    is_loop = repeated >= max(FEWEST_COPIES * period, FEWEST_TOKENS)
    assert loop_of(tokens) == (Loop(period, repeated // period) if is_loop else None)


def test_a_text_that_came_out_of_a_loop_is_none() -> None:
    assert loop_of([1, 2] * 100) == Loop(2, 100)
    assert loop_of([*[1, 2] * 100, 3]) is None
    assert loop_of([]) is None
    assert loop_of(list(range(30_000))) is None


def test_seeds_differ_with_every_part_and_fit_every_reader_of_json() -> None:
    parts = itertools.product((0, 1), ("a", "b"), ("a", "b"), range(50))
    seeds = {seed_of(*each) for each in parts}
    assert len(seeds) == 400 and max(seeds) < 2**48
    assert seed_of(1, "a") == seed_of(1, "a") != seed_of(1, "a", 0)


def given_of(grader: Grader, texts: list[str], reference: str, math: MathGrader) -> list[Given]:
    return [Given(text, False, grade(grader, text=text, reference=reference, math=math)) for text in texts]


@pytest.mark.parametrize(
    ("grader", "texts", "expected"),
    [
        ("exact", ["Answer: 7", "8", r"\boxed{7}", ""], [0, 1, 0, None]),
        ("integer", ["073", "73.0", "seventy", "74"], [0, 0, None, 3]),
        (
            "math",
            [r"\boxed{\frac{1}{2}}", r"\boxed{0.5}", r"\boxed{2}", r"\boxed{\frac{2}{4}}"],
            [0, 0, 2, 0],
        ),
    ],
)
def test_answers_are_one_and_the_same_by_what_their_grader_reads(
    grader: Grader, texts: list[str], expected: list[int | None]
) -> None:
    with MathGrader() as math:
        assert classes_of(grader, given_of(grader, texts, "7", math), "7", alike_by(math)) == expected


@pytest.mark.parametrize(
    ("reference", "texts", "expected"),
    [
        # Each of the two is what 5 may stand for, and they are not each other.
        ("5 cm", ["5", "5 m", "5 m"], [0, 1, 1]),
        ("5 cm", ["5 m", "5", "5 m"], [0, 1, 0]),
        ("x=5", ["y=5", "5", "x=5"], [0, 1, 1]),
        # In a box or in a sentence, whichever comes first.
        ("7", ["the value is 8", r"\boxed{8}", "Answer: 8"], [0, 0, 0]),
        ("7", [r"\boxed{8}", "Answer: 8", "the value is 8"], [0, 0, 0]),
        ("7", ["8 apples", "8"], [0, 0]),
        ("7", ["8", "8 apples"], [0, 0]),
    ],
)
def test_right_and_wrong_answers_are_not_one_and_votes_do_not_hang_on_how_they_are_said(
    reference: str, texts: list[str], expected: list[int | None]
) -> None:
    with MathGrader() as math:
        graded = given_of("math", texts, reference, math)
        classes = classes_of("math", graded, reference, alike_by(math))
    assert classes == expected
    assert all(
        each is None or graded[each].grade == one.grade for one, each in zip(graded, classes, strict=True)
    )


# Each is the next one, in a chain: whichever comes first, they are one answer.
CHAIN = ["(1,2)", "1,2", r"\{1,2\}"]


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), min_size=1, max_size=12).flatmap(
        lambda texts: st.tuples(st.just(texts), st.permutations(range(len(texts))))
    ),
    st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))),
)
def test_which_answers_are_one_does_not_hang_on_their_order(
    case: tuple[list[str], list[int]], pairs: set[tuple[str, str]]
) -> None:
    texts, order = case

    def grouped(places: list[int]) -> set[frozenset[int]]:
        said = [Given(texts[place], False, "wrong") for place in places]
        classes = classes_of(
            "math", said, "7", lambda one, other: (min(one, other), max(one, other)) in pairs
        )
        firsts = {each: [at for at, other in enumerate(classes) if other == each] for each in classes}
        assert all(each == min(alike) for each, alike in firsts.items())
        return {frozenset(places[at] for at in alike) for alike in firsts.values()}

    assert grouped(order) == grouped(list(range(len(texts))))


def test_a_vote_of_points_sets_and_lists_does_not_hang_on_their_order() -> None:
    with MathGrader() as math:
        alike = alike_by(math)
        for texts in itertools.permutations([*CHAIN, "8"]):
            classes = classes_of("math", [Given(text, False, "wrong") for text in texts], "7", alike)
            eight = texts.index("8")
            assert {each for at, each in enumerate(classes) if at != eight} == {0 if eight else 1}


def test_a_wrong_majority_is_wrong_though_a_right_answer_comes_near_it() -> None:
    with MathGrader() as math:
        for texts in itertools.permutations(["5", "5 m", "5 m"]):
            graded = given_of("math", list(texts), "5 cm", math)
            assert not majority(graded, classes_of("math", graded, "5 cm", alike_by(math)))


def test_what_a_judge_calls_right_says_what_the_reference_says_and_else_nothing_that_is_read() -> None:
    judged = [
        Given("seven", False, "right", judged=True),
        Given("7", False, "right"),
        Given("eight", False, "wrong", judged=True),
        Given("eight", False, "wrong", judged=True),
        Given("8", False, "wrong"),
        # The grader reads what the reference says, and the judge does not agree.
        Given("7", False, "wrong", judged=True),
        Given("?", False, "unreadable", judged=True),
    ]
    with MathGrader() as math:
        classes = classes_of("integer", judged, "07", alike_by(math))
    assert classes == [0, 0, 2, 2, 4, 5, None]
    assert majority(judged, classes) and not majority(judged[1:4], classes[1:4])


RIGHT, WRONG, NONE = Given("7", False, "right"), Given("8", False, "wrong"), Given("", False, "unreadable")


@pytest.mark.parametrize(
    ("given", "classes", "majority_is_right"),
    [
        ([RIGHT, WRONG, RIGHT], [0, 1, 0], True),
        ([WRONG, RIGHT, WRONG], [0, 1, 0], False),
        ([WRONG, RIGHT], [0, 1], False),
        ([RIGHT, WRONG], [0, 1], True),
        ([NONE, NONE, NONE, RIGHT], [None, None, None, 3], True),
        ([NONE, NONE], [None, None], False),
    ],
)
def test_the_most_frequent_answer_wins_and_of_equals_the_first(
    given: list[Given], classes: list[int | None], majority_is_right: bool
) -> None:
    assert majority(given, classes) == majority_is_right
    assert covered(given) == (RIGHT in given)


@given(st.lists(st.sampled_from([RIGHT, WRONG, NONE]), min_size=1, max_size=40))
def test_a_right_majority_is_covered_and_all_answers_are_counted_last(given: list[Given]) -> None:
    classes = [None if one is NONE else given.index(one) for one in given]
    assert not majority(given, classes) or covered(given)
    counted = sizes(len(given))
    assert counted[-1] == len(given) and counted == sorted(set(counted))
    assert counted[:-1] == [2**power for power in range(1, len(counted))]
