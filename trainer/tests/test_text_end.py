"""Ends of thinking that are texts of several tokens, one case each; the laws are in test_forcing."""

import pytest

from trainer.evaluate.ask import Reply
from trainer.evaluate.forcing import begin
from trainer.tests.test_forcing import END, SAID, WAIT, ending, rules

TAG = ending("</t>")


def test_an_end_of_several_tokens_takes_those_away_that_hold_any_of_it() -> None:
    now = begin(rules(text_end=TAG), (7,))
    ask = now.ask()
    assert ask is not None and ask.stops == {END} and ask.text_end is TAG
    cut = {"</t>": (14, 12, 13), ".</t>\n": (15, 11, 16), "</": (10, 11, 12, 13)}
    for end in cut.values():
        ended = now.take(Reply((6, 6, *end), None, at_text=True))
        assert (ended.thinking, ended.forced, ended.label) == ((6, 6), False, "obeyed")


def test_a_text_cannot_come_first_behind_a_wait() -> None:
    now = begin(rules(budget=20, times=1, text_end=TAG), (7,)).take(Reply((6, 14, 16), None, at_text=True))
    assert now.thinking == (6, WAIT)
    first = now.ask()
    assert first is not None and first.max_tokens == 1
    assert first.not_first == {END, SAID.index("<"), SAID.index("</")}
    now = now.take(Reply((6,), None))
    rest = now.ask()
    assert rest is not None and (rest.max_tokens, rest.not_first) == (17, frozenset())
    assert now.take(Reply((14, 16), None, at_text=True)).thinking == (6, WAIT, 6)
    assert now.take(Reply((6,) * 17, None)).label == "obeyed"


def test_a_text_that_began_before_the_reply_is_found_and_is_not_the_engines_fault() -> None:
    now = begin(rules(budget=20, times=1, text_end=TAG), (7,)).take(Reply((6, 14, 16), None, at_text=True))
    # ".<" is no beginning of "</t>", so it may come first, and "/t>" makes it one.
    now = now.take(Reply((15,), None)).take(Reply((11, 16, 6, 6, 6, 6), END))
    assert (now.thinking, now.forced, now.label) == ((6, WAIT), False, "obeyed")


def test_a_part_of_the_end_is_cut_off_where_the_budget_ends_thinking() -> None:
    ended = begin(rules(budget=5, text_end=TAG), (7,)).take(Reply((6, 6, 6, 14, 12), None))
    assert (ended.thinking, ended.forced, ended.thought) == ((6, 6, 6), True, 5)


@pytest.mark.parametrize(
    "reply",
    [Reply((6, 14, 16, 6, 6), END), Reply((6, 14, 16, 6), None), Reply((6, 6), None, at_text=True)],
    ids=["went on to a token", "went on", "stopped without"],
)
def test_an_engine_that_does_not_end_at_the_text_is_found_out(reply: Reply) -> None:
    assert begin(rules(text_end=TAG), (7,)).take(reply).label == "ignored"
