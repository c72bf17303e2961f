"""Controls that tell the model how long to think, and those that draw again until it did."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from trainer.evaluate.__main__ import evaluate
from trainer.evaluate.ask import Reply
from trainer.evaluate.budget_forcing import BudgetForcing, Outcome
from trainer.evaluate.capacity import capacity
from trainer.evaluate.engine import Recalling
from trainer.evaluate.forcing import Written, begin
from trainer.evaluate.own_decoder import OwnEngine
from trainer.evaluate.settings import Control, parse_settings
from trainer.evaluate.told import LONG, SHORT, instruction, is_kept, read_step
from trainer.failure import StageError
from trainer.generate.tokenizer import build
from trainer.tests.evaluations import evaluate_job, evaluation, results, samples_of
from trainer.tests.test_budget_forcing import PROMPTS, HashDecoder, asked, ends
from trainer.tests.test_forcing import END, STOP, WORDS, rules

STREAMS = 20_000
STEP, NONE_LEFT, BEGINS_TO_ANSWER = 10, 11, 12


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tokenizer]:
    folder = tmp_path_factory.mktemp("tokenizer")
    build(folder)
    yield Tokenizer.from_file(str(folder / "tokenizer.json"))


def told(tokenizer: Tokenizer, words: str) -> list[list[int]]:
    return [tokenizer.encode(prompt.replace("<|im_end|>", f"{words}<|im_end|>", 1)).ids for prompt in PROMPTS]


def outcomes(
    tokenizer: Tokenizer, controls: list[Control], seed: int, *, pace: int = 9, temperature: float = 0
) -> list[list[Outcome]]:
    decoder = HashDecoder(tokenizer, seed, pace)
    engine = Recalling(OwnEngine(decoder, temperature=temperature))
    forcing = BudgetForcing(engine, tokenizer, ends=ends(tokenizer), max_answer_tokens=6)
    prompts = {instruction(control): told(tokenizer, instruction(control)) for control in controls}
    return forcing.run(asked(tokenizer), controls, list(range(len(PROMPTS))), prompts)


def test_the_words_are_those_that_models_were_trained_on() -> None:
    controls = [
        Control("budget", 9),
        Control("token", 9, tokens=1024),
        Control("step", 9, steps=16),
        Control("class", 9, length="long"),
        Control("class", 9, length="short"),
    ]
    assert [instruction(control) for control in controls] == [
        "",
        "\n\nThink for up to 1024 tokens.",
        "\n\nThink for up to 16 steps.",
        f"\n\n{LONG}",
        f"\n\n{SHORT}",
    ]


@given(st.integers(), st.integers(1, 30), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_what_a_model_was_told_is_judged_by_its_tokens(
    tokenizer: Tokenizer, seed: int, tokens: int, budget: int
) -> None:
    controls = [
        Control("budget", budget),
        Control("token", budget, tokens=tokens),
        Control("class", budget, length="long"),
        Control("class", budget, length="short"),
    ]
    plain, by_tokens, long, short = outcomes(tokenizer, controls, seed)
    for row, outcome in enumerate(by_tokens):
        assert outcome.label == ("obeyed" if outcome.num_thinking_tokens <= tokens else "ignored")
        assert f"Think for up to {tokens} tokens." in outcome.prompt
        untold = plain[row].num_thinking_tokens
        assert long[row].label == ("obeyed" if long[row].num_thinking_tokens > untold else "ignored")
        assert short[row].label == ("obeyed" if short[row].num_thinking_tokens < untold else "ignored")
        assert "Think for up" not in plain[row].prompt


@given(st.integers(), st.integers(2, 12), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_thinking_is_drawn_until_it_ends_within_the_limit_and_no_oftener_than_may_be(
    tokenizer: Tokenizer, seed: int, budget: int, tries: int
) -> None:
    controls = [Control("rejection", budget, tries=tries), Control("rejection", budget)]
    many, single = outcomes(tokenizer, controls, seed, pace=5, temperature=0.7)
    for outcome, first in zip(many, single, strict=True):
        assert 1 <= outcome.tries <= tries
        assert outcome.label == ("impossible" if outcome.forced else "obeyed")
        assert not outcome.forced or outcome.tries == tries
        assert outcome.num_thinking_tokens <= budget
        # Every try before the last one was as long as the limit.
        assert 0 <= outcome.num_drawn_tokens - (outcome.tries - 1) * budget <= budget
        assert (outcome.tries == 1) == (not first.forced or tries == 1)


def test_a_limit_that_is_never_kept_ends_and_says_so(tokenizer: Tokenizer) -> None:
    [column] = outcomes(tokenizer, [Control("rejection", 3, tries=7)], 1, pace=10**9)
    assert [(each.tries, each.label, each.num_drawn_tokens) for each in column] == [(7, "impossible", 21)] * 4


def kind_of(tokens: tuple[int, ...]) -> Written:
    kinds: dict[int, Written] = {STEP: "step", NONE_LEFT: "none left", BEGINS_TO_ANSWER: "answer"}
    return kinds.get(tokens[0], "other") if tokens else "other"


def test_steps_are_counted_and_end_at_none_left_within_the_budget_over_random_streams() -> None:
    draw = random.Random(5)
    seen: set[str] = set()
    for _ in range(STREAMS):
        by_steps = replace(
            rules(budget=draw.randint(1, 30), positions=draw.choice([0, 24]) or 1_000),
            think=(STOP,),
            step_start=STOP,
            read_step=kind_of,
        )
        now, steps, last = begin(by_steps, (WORDS[0],) * 3), 0, ""
        while (ask := now.ask()) is not None:
            length = draw.randint(1, ask.max_tokens)
            head = draw.choice([STEP, STEP, STEP, NONE_LEFT, BEGINS_TO_ANSWER, WORDS[0]])
            tokens = (head, *(draw.choice(WORDS) for _ in range(length - 1)))
            stop = None if length == ask.max_tokens else draw.choice(sorted(ask.stops))
            if now.phase == "thinking":
                steps += head == STEP
                seen.add(last := kind_of(tokens))
                assert ask.sequence == (*now.prompt, STOP, *now.thinking)
            now = now.take(Reply(tokens, stop))
        assert now.steps == steps
        # Who ended the thinking is told: the model by answering, or the count.
        assert now.counted_out == (last == "none left")
        assert len(now.thinking) <= by_steps.budget
        assert now.thinking[-1:] != (STOP,)
        assert now.tokens[4:][: len(now.thinking)] == now.thinking
        assert not {NONE_LEFT, BEGINS_TO_ANSWER, END}.intersection(now.thinking)
        seen.add(f"{now.forced} {now.label}")
    assert seen == {"step", "none left", "answer", "other", "False obeyed", "True obeyed", "True impossible"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("7 steps left\nSo", "step"),
        ("1 step left\n", "step"),
        ("0 steps left\n", "none left"),
        ("answer\nAnswer: 4", "answer"),
        ("think\nLet me", "other"),
        ("answering", "other"),
        ("", "other"),
        ("seven steps left", "other"),
    ],
)
def test_what_follows_the_sign_of_a_step_is_read(text: str, kind: str) -> None:
    assert read_step(text) == kind


def test_steps_are_kept_where_some_were_counted_and_not_too_many() -> None:
    control = Control("step", 100, steps=4)
    kept = [is_kept(control, thinking_tokens=9, steps=steps, unsteered_tokens=None) for steps in (0, 1, 4, 5)]
    assert kept == [False, True, True, False]


def test_a_run_is_evaluated_under_every_control(run: Path) -> None:
    controls = [
        {"kind": "budget", "maxThinkingTokens": 12},
        {"kind": "token", "tokens": 4, "maxThinkingTokens": 12},
        {"kind": "step", "steps": 2, "maxThinkingTokens": 12},
        {"kind": "class", "length": "short", "maxThinkingTokens": 12},
        {"kind": "rejection", "tries": 3, "maxThinkingTokens": 6},
    ]
    of = evaluate_job(run, evaluation(controls=controls, temperature=1))
    evaluate(of)
    [measured] = results(of)["benchmarks"]
    found = {(each["control"], each.get("asked")): each for each in measured["results"]}
    assert list(found) == [("budget", None), ("token", 4), ("step", 2), ("class", "short"), ("rejection", 3)]
    for each in found.values():
        assert each["obeyed"] + each["impossible"] + each["ignored"] == measured["n"] == 20
    rejection = found["rejection", 3]
    assert all(1 <= tries <= 3 for tries in rejection["tries"])
    pairs = zip(rejection["drawnTokens"], rejection["thinkingTokens"], strict=True)
    assert all(drawn >= thought for drawn, thought in pairs)
    by_steps = found["step", 2]
    assert len(by_steps["steps"]) == len(by_steps["countedOut"]) == 20
    rows = samples_of(of)
    assert {row["control"] for row in rows if "countedOut" in row} == {"step"}
    assert all("Think for up to 4 tokens." in row["prompt"] for row in rows if row["control"] == "token")
    assert {row["control"] for row in rows if "tries" in row} == {"rejection"}


def test_waits_are_told_apart_by_their_text_and_by_what_their_rounds_have(run: Path) -> None:
    wait = {"kind": "wait", "times": 2, "text": "Wait", "maxThinkingTokens": 8}
    controls = [wait, {**wait, "text": "Hmm"}, {**wait, "accounting": "restart"}]
    of = evaluate_job(run, evaluation(controls=controls))
    evaluate(of)
    [measured] = results(of)["benchmarks"]
    names = [{key: each.get(key) for key in ("times", "text", "accounting")} for each in measured["results"]]
    assert names == [
        {"times": 2, "text": None, "accounting": None},
        {"times": 2, "text": "Hmm", "accounting": None},
        {"times": 2, "text": None, "accounting": "restart"},
    ]
    restarted = measured["results"][2]
    pairs = zip(restarted["drawnTokens"], restarted["thinkingTokens"], strict=True)
    assert all(drawn >= thought for drawn, thought in pairs)
    assert {row.get("accounting") for row in samples_of(of) if "drawnTokens" in row} == {"restart"}


def test_rounds_that_each_have_the_budget_need_positions_for_all_of_them(tokenizer: Tokenizer) -> None:
    wait = {"kind": "wait", "times": 2, "text": "Wait", "maxThinkingTokens": 8}
    shared, restarted = (
        parse_settings(evaluation(controls=[{**wait, "accounting": accounting}])["recipe.evaluation"])
        for accounting in ("shared", "restart")
    )
    needed = [capacity(tokenizer, asked(tokenizer), each) for each in (shared, restarted)]
    assert needed[1] - needed[0] == 2 * 8 + 2 * len(b"Wait")


@pytest.mark.parametrize(
    ("controls", "says"),
    [
        ([{"kind": "token", "maxThinkingTokens": 9}], "tokens is missing"),
        ([{"kind": "step", "maxThinkingTokens": 9}], "steps is missing"),
        ([{"kind": "class", "length": "long", "maxThinkingTokens": 9}], "nobody steered"),
        ([{"kind": "rejection", "tries": 9, "maxThinkingTokens": 9}], "temperature is 0"),
        ([{"kind": "guess", "maxThinkingTokens": 9}], "guess"),
    ],
)
def test_a_control_that_says_too_little_is_refused(controls: list[dict[str, object]], says: str) -> None:
    with pytest.raises(StageError, match=says) as refused:
        parse_settings(evaluation(controls=controls)["recipe.evaluation"])
    assert refused.value.exit_class == "configuration"
