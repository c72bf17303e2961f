"""Laws of budget forcing, over a decoder whose next token is a fixed function of all tokens before it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from torch import Tensor

from trainer.evaluate.budget_forcing import BudgetForcing, Outcome
from trainer.evaluate.engine import Recalling
from trainer.evaluate.own_decoder import OwnEngine
from trainer.evaluate.settings import Control
from trainer.generate.tokenizer import build
from trainer.tests.evaluations import delimiters
from trainer.thinking import S1, Thinking

PROMPTS = [
    f"<|im_start|>user\n{word}<|im_end|>\n<|im_start|>assistant\n" for word in ("one", "two", "three", "four")
]
BUDGETS = st.integers(1, 30).map(lambda budget: Control("budget", budget))
WAITS = st.builds(Control, st.just("wait"), st.integers(1, 30), st.integers(1, 3), st.just("Wait"))
CONTROLS = st.lists(st.one_of(BUDGETS, WAITS), min_size=1, max_size=5)
# To this tokenizer a text of several tokens, and one that is a token of its own.
TEXT = delimiters("<think>\n", "</think>", "</think>\n\n")
TOKEN = delimiters("<tool_call>\n", "</tool_call>", final_answer="So it is:")
THINKINGS = pytest.mark.parametrize("thinking", [S1, TEXT, TOKEN], ids=["s1", "text", "token"])


class HashDecoder:
    """Ends a phase at about one token in `pace`; else says one of five tokens, a line break among them."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        seed: int,
        pace: int,
        stops: Sequence[str] = ("<|im_end|>", "<|im_start|>", "<|endoftext|>"),
    ) -> None:
        self._ends = [tokenizer.encode(end).ids for end in stops]
        self._words = [tokenizer.encode(text).ids[0] for text in (" one", " two", ",three", "Wait", "\n")]
        self._num_tokens = tokenizer.get_vocab_size()
        self._seed, self._pace = seed, pace

    def next_logits(self, rows: Sequence[int], sequences: Sequence[Sequence[int]]) -> Tensor:
        logits = torch.zeros(len(rows), self._num_tokens)
        for row, sequence in enumerate(sequences):
            draw = hashlib.sha256(repr((self._seed, list(sequence))).encode()).digest()
            logits[row, self._words[draw[0] % 5]] = 1
            if draw[1] % self._pace == 0:
                logits[row, self._ends[draw[2] % len(self._ends)][0]] = 2
            for end in self._ends:
                # What it has begun to write it writes to its end.
                for written in range(1, len(end)):
                    if list(sequence[-written:]) == end[:written]:
                        logits[row, end[written]] = 3
        return logits


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("tokenizer")
    build(folder)
    loaded: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return loaded


def asked(tokenizer: Tokenizer) -> list[list[int]]:
    return [tokenizer.encode(prompt).ids for prompt in PROMPTS]


def ends(tokenizer: Tokenizer) -> set[int]:
    return set(tokenizer.encode("<|im_end|><|endoftext|>").ids)


def outcomes(
    tokenizer: Tokenizer, controls: list[Control], *, seed: int, pace: int = 12, thinking: Thinking = S1
) -> list[list[Outcome]]:
    decoder = HashDecoder(tokenizer, seed, pace, ("<|im_end|>", thinking.end, "<|endoftext|>"))
    forcing = BudgetForcing(
        Recalling(OwnEngine(decoder)),
        tokenizer,
        ends=ends(tokenizer),
        max_answer_tokens=6,
        thinking=thinking,
    )
    return forcing.run(asked(tokenizer), controls)


@THINKINGS
@given(CONTROLS, st.integers())
@settings(max_examples=50)
def test_thinking_once_for_all_controls_equals_a_pass_for_each(
    tokenizer: Tokenizer, thinking: Thinking, controls: list[Control], seed: int
) -> None:
    separate = [outcomes(tokenizer, [control], seed=seed, thinking=thinking)[0] for control in controls]
    assert outcomes(tokenizer, controls, seed=seed, thinking=thinking) == separate


@given(CONTROLS, st.integers(), st.integers(1, 20))
@settings(max_examples=50)
def test_thinking_never_exceeds_its_budget(
    tokenizer: Tokenizer, controls: list[Control], seed: int, pace: int
) -> None:
    for control, column in zip(controls, outcomes(tokenizer, controls, seed=seed, pace=pace), strict=True):
        for outcome in column:
            num_tokens = len(tokenizer.encode(outcome.thinking).ids)
            assert outcome.num_thinking_tokens <= num_tokens <= control.max_thinking_tokens
            # The end that the model writes itself is a token of the budget, too.
            assert outcome.forced == (num_tokens == control.max_thinking_tokens)


@pytest.mark.parametrize(
    ("thinking", "before", "behind"),
    [
        (S1, "<|im_start|>think", "<|im_start|>answer\nFinal Answer:"),
        (TEXT, "<think>\n", "</think>\n\nFinal Answer:"),
        (TOKEN, "<tool_call>\n", "</tool_call>\nSo it is:"),
    ],
)
@given(CONTROLS, st.integers())
@settings(max_examples=50)
def test_final_answer_is_put_in_exactly_when_the_budget_ended_thinking(
    tokenizer: Tokenizer, thinking: Thinking, before: str, behind: str, controls: list[Control], seed: int
) -> None:
    for column in outcomes(tokenizer, controls, seed=seed, thinking=thinking):
        for outcome in column:
            fed = tokenizer.decode(
                outcome.tokens[: len(outcome.tokens) - outcome.num_answer_tokens], skip_special_tokens=False
            )
            assert fed.startswith(outcome.prompt + before + outcome.thinking)
            assert (behind in fed) == outcome.answer.startswith(thinking.forced) == outcome.forced
            assert thinking.end not in outcome.thinking and fed.count(thinking.before_answer) == 1
            assert outcome.label != "ignored"


@given(st.integers(1, 3), st.integers(1, 40), st.integers())
@settings(max_examples=50)
def test_an_end_is_suppressed_alike_whether_it_is_a_token_or_a_text(
    tokenizer: Tokenizer, times: int, budget: int, seed: int
) -> None:
    wait = Control("wait", budget, times, " Wait")
    for outcome in outcomes(tokenizer, [wait], seed=seed, pace=5, thinking=TEXT)[0]:
        # The decoder never says " Wait" itself, and something stands behind each that was put in.
        rounds = outcome.thinking.split(" Wait")
        assert len(rounds) <= times + 1 and all(said.strip("<") for said in rounds[1:-1])
        assert (outcome.label == "obeyed") == (len(rounds) == times + 1)


@given(st.integers(1, 4), st.integers(1, 60), st.integers())
@settings(max_examples=50)
def test_wait_goes_on_where_thinking_ended_and_at_most_as_often_as_asked(
    tokenizer: Tokenizer, times: int, budget: int, seed: int
) -> None:
    wait = Control("wait", budget, times, " Wait")
    plain, waited = outcomes(tokenizer, [Control("budget", budget), wait], seed=seed, pace=6)
    for before, after in zip(plain, waited, strict=True):
        assert after.thinking.startswith(before.thinking)
        # The decoder never says " Wait" itself, so each one was put in.
        num_waits = after.thinking.count(" Wait")
        assert num_waits <= times
        if before.forced:
            assert replace(after, label="obeyed") == before
            # It never ended by itself, so there was nothing to suppress.
            assert after.label == "impossible"
        elif len(tokenizer.encode(before.thinking + " Wait").ids) < budget:
            assert after.thinking.startswith(before.thinking + " Wait") and len(after.thinking) > len(
                before.thinking + " Wait"
            )
            assert (
                after.forced or num_waits == times or len(tokenizer.encode(after.thinking).ids) + 2 >= budget
            )


@given(st.integers(1, 3), st.integers(1, 30), st.integers())
@settings(max_examples=50)
def test_rounds_that_each_have_the_budget_go_beyond_it_and_count_up_to_it(
    tokenizer: Tokenizer, times: int, budget: int, seed: int
) -> None:
    restart = Control("wait", budget, times, " Wait", accounting="restart")
    controls = [restart, replace(restart, accounting="shared"), Control("budget", budget)]
    for outcome, shared, plain in zip(*outcomes(tokenizer, controls, seed=seed, pace=6), strict=True):
        thought = len(tokenizer.encode(outcome.thinking).ids)
        assert thought <= budget and thought <= outcome.num_drawn_tokens <= restart.longest_thought
        # The first round is that of the others; what was cut off is what had not fit.
        assert outcome.thinking.startswith(plain.thinking)
        assert (outcome.num_drawn_tokens > thought) <= outcome.forced
        if not plain.forced:
            # Each round ended by itself, or had all of the budget.
            assert outcome.num_drawn_tokens >= shared.num_drawn_tokens


def test_no_row_is_decoded_after_its_end(tokenizer: Tokenizer) -> None:
    """An end at the first token leaves the next batch empty, which must not be decoded."""
    calls: list[int] = []

    class Counting(HashDecoder):
        def next_logits(self, rows: Sequence[int], sequences: Sequence[Sequence[int]]) -> Tensor:
            calls.append(len(rows))
            return super().next_logits(rows, sequences)

    forcing = BudgetForcing(
        Recalling(OwnEngine(Counting(tokenizer, 0, 1))), tokenizer, ends=ends(tokenizer), max_answer_tokens=5
    )
    [column] = forcing.run(asked(tokenizer), [Control("budget", 10)])
    assert [outcome.thinking for outcome in column] == [""] * len(PROMPTS)
    assert calls[0] == len(PROMPTS) and min(calls) > 0
    assert all(outcome.num_thinking_tokens == 0 and not outcome.forced for outcome in column)


@given(CONTROLS, st.integers())
@settings(max_examples=50)
def test_no_end_of_the_model_is_thought_or_answered_as_if_it_were_text(
    tokenizer: Tokenizer, controls: list[Control], seed: int
) -> None:
    for column in outcomes(tokenizer, controls, seed=seed, pace=4):
        for outcome in column:
            assert "<|endoftext|>" not in outcome.thinking + outcome.answer
            assert "<|im_end|>" not in outcome.thinking + outcome.answer


@pytest.mark.parametrize("stop", ["<|endoftext|>", "<|im_end|>", "<|im_start|>"])
def test_an_end_of_the_model_ends_thinking_and_an_answer_is_asked_for_all_the_same(
    tokenizer: Tokenizer, stop: str
) -> None:
    decoder = HashDecoder(tokenizer, 3, 1, stops=[stop])
    forcing = BudgetForcing(
        Recalling(OwnEngine(decoder)), tokenizer, ends=ends(tokenizer), max_answer_tokens=5
    )
    [column] = forcing.run(asked(tokenizer), [Control("budget", 10)])
    for outcome in column:
        assert (outcome.thinking, outcome.forced) == ("", False)
        # Only `<|im_start|>` ends thinking without ending a text.
        assert outcome.cut == (stop == "<|im_start|>")


def test_an_answer_is_cut_exactly_when_its_limit_ended_it(tokenizer: Tokenizer) -> None:
    seen = set()
    for seed in range(12):
        for outcome in outcomes(tokenizer, [Control("budget", 3)], seed=seed, pace=5)[0]:
            said = outcome.answer.removeprefix("\nFinal Answer:")
            assert outcome.cut == (len(tokenizer.encode(said).ids) == 6)
            seen.add(outcome.cut)
    assert seen == {True, False}
