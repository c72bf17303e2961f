"""Laws of budget forcing over random streams of tokens, from engines that obey and from some that do not."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from trainer.evaluate.ask import Ask, Reply
from trainer.evaluate.forcing import Accounting, Forcing, Rules, begin
from trainer.evaluate.text_end import TextEnd, Tokens

STOP, END, THINK, ANSWER, FORCED, WAIT = range(6)
WORDS = range(6, 10)
# What ends of several tokens are written with; some hold what stands before or behind such an end.
PIECES = range(10, 18)
SAID = (*"ABCDEFwxyz", "<", "/", "t", ">", "</", ".<", "t>\n", "end")
STREAMS = 100_000


def said(tokens: Tokens) -> str:
    return "".join(SAID[token] for token in tokens)


def ending(text: str) -> TextEnd:
    heads = [token for token, piece in enumerate(SAID) if text.startswith(piece) or piece.startswith(text)]
    return TextEnd(text, said, frozenset(heads))


# s1's end is a token; others are texts, of which the last one begins as a word does.
TEXT_ENDS = (None, ending("</t>"), ending("<>"), ending("endt"))


def rules(
    *,
    budget: int = 8,
    times: int = 0,
    accounting: Accounting = "shared",
    text_end: TextEnd | None = None,
    **more: int,
) -> Rules:
    return Rules(
        budget=budget,
        times=times,
        wait=(WAIT,) * more.get("wait", 1),
        accounting=accounting,
        think=(THINK,),
        answer=lambda _, forced: (ANSWER, FORCED) if forced else (ANSWER,),
        thinking_stops=frozenset({STOP, END} if text_end is None else {END}),
        answer_stops=frozenset({END}),
        max_answer_tokens=more.get("answer", 4),
        positions=more.get("positions"),
        text_end=text_end,
    )


def tokens_of(ask: Ask) -> list[int]:
    """Such as a model says that ends its thinking in this way."""
    return [*WORDS, STOP, END] if ask.text_end is None else [*WORDS, *PIECES, *PIECES, END]


def obey(ask: Ask, draw: random.Random) -> Reply:
    tokens: list[int] = []
    while len(tokens) < ask.max_tokens:
        token = draw.choice(tokens_of(ask))
        if not tokens and token in ask.not_first:
            continue
        if token in ask.stops:
            return Reply(tuple(tokens), token)
        tokens.append(WORDS[0] if token in (STOP, END) else token)
        if ask.text_end is not None and ask.text_end.closes(tuple(tokens)):
            return Reply(tuple(tokens), None, at_text=True)
    return Reply(tuple(tokens), None)


def too_much(ask: Ask, draw: random.Random) -> Reply:
    """It does not know the limit."""
    return obey(replace(ask, max_tokens=ask.max_tokens + draw.randint(1, 9)), draw)


def too_little(ask: Ask, draw: random.Random) -> Reply:
    """It has a limit of its own, as a server's default of 16 tokens."""
    return obey(replace(ask, max_tokens=1), draw)


def through_stops(ask: Ask, draw: random.Random) -> Reply:
    """It does not know at what to stop."""
    return Reply(tuple(draw.choice(tokens_of(ask)) for _ in range(ask.max_tokens)), None)


def stops_at_once(ask: Ask, draw: random.Random) -> Reply:
    """It does not know that one token must come first, or which may not."""
    if ask.not_first and draw.random() < 0.5:
        return Reply((), draw.choice(sorted(ask.stops)))
    return obey(replace(ask, not_first=frozenset()), draw)


@dataclass(frozen=True)
class Told:
    end: Forcing
    asks: list[Ask]
    replies: list[Reply]


def run(
    rules: Rules, engine: Callable[[Ask, random.Random], Reply], draw: random.Random, prompt: int = 3
) -> Told:
    now, asks, replies = begin(rules, (WORDS[0],) * prompt), [], []
    while (ask := now.ask()) is not None:
        reply = engine(ask, draw)
        now = now.take(reply)
        asks.append(ask)
        replies.append(reply)
    return Told(now, asks, replies)


def drawn_rules(draw: random.Random) -> Rules:
    return rules(
        budget=draw.randint(1, 14),
        times=draw.randint(0, 3),
        accounting=draw.choice(["shared", "restart"]),
        wait=draw.randint(1, 3),
        text_end=draw.choice(TEXT_ENDS),
        **({"positions": draw.randint(8, 40)} if draw.random() < 0.4 else {}),
    )


ENGINES = (obey, obey, too_much, too_little, through_stops, stops_at_once)


def test_laws_hold_over_a_hundred_thousand_streams() -> None:
    draw = random.Random(1)
    seen: Counter[tuple[str, str]] = Counter()
    by_itself: Counter[str] = Counter()
    for _ in range(STREAMS):
        rules, engine = drawn_rules(draw), draw.choice(ENGINES)
        told = run(rules, engine, draw)
        end = told.end
        text_end = rules.text_end
        seen[engine.__name__, end.label] += 1
        by_itself["token" if text_end is None else text_end.text] += not end.forced
        # The budget holds, whatever the engine does.
        assert len(end.thinking) <= rules.budget
        assert len(end.answer) <= rules.max_answer_tokens
        # What is kept is what was fed: the last question to the engine, and its answer.
        assert end.tokens == (*told.asks[-1].sequence, *end.answer)
        assert end.tokens[: 3 + 1 + len(end.thinking)] == ((WORDS[0],) * 3 + (THINK,) + end.thinking)
        # "Final Answer:" stands there exactly when the thinking was ended.
        assert (FORCED in end.tokens) == end.forced
        assert not (rules.thinking_stops & set(end.thinking)) and END not in end.answer
        # Neither an end that stood nor one that was suppressed is thinking.
        assert text_end is None or text_end.text not in said(end.thinking)
        assert all(ask.max_tokens >= 1 for ask in told.asks)
        assert end.suppressed <= rules.times
        if rules.accounting == "shared":
            thought = sum(ask.stops != rules.answer_stops for ask in told.asks)
            # Behind a "Wait" a text is kept from coming first by asking for one token.
            assert thought <= rules.times * (1 if text_end is None else 2) + 1
        if rules.positions is not None and not end.out_of_positions:
            assert len(end.tokens) <= rules.positions or len(told.asks) == 1
        if engine is obey:
            assert end.label != "ignored"
    assert min(by_itself.values()) > 1_000 and len(by_itself) == len(TEXT_ENDS)
    labels = {label for name, label in seen if name == "obey"}
    assert labels == {"obeyed", "impossible"}
    for name in ("too_much", "too_little", "through_stops", "stops_at_once"):
        assert seen[name, "ignored"] > 1_000, seen


def test_an_end_within_the_budget_stands() -> None:
    now = begin(rules(), (7,)).take(Reply((6, 6), STOP))
    assert (now.thinking, now.forced, now.phase) == ((6, 6), False, "answering")
    assert now.ask() == Ask((7, THINK, 6, 6, ANSWER), 4, frozenset({END}))
    end = now.take(Reply((9,), END))
    assert (end.ask(), end.cut, end.label) == (None, False, "obeyed")
    assert end.tokens == (7, THINK, 6, 6, ANSWER, 9)


def test_the_token_that_ends_thinking_is_one_of_the_budget() -> None:
    now = begin(rules(budget=2), (7,)).take(Reply((6, 6), STOP))
    assert (now.thinking, now.forced) == ((6, 6), True)
    assert now.label == "ignored", "it was asked for two tokens and gave three"


def test_rounds_share_a_budget_or_have_it_each() -> None:
    for accounting, second in (("shared", 3), ("restart", 8)):
        now = begin(rules(times=1, accounting=accounting), (7,)).take(Reply((6,) * 4, STOP))  # type: ignore[arg-type]
        assert now.thinking == (6, 6, 6, 6, WAIT)
        ask = now.ask()
        assert ask is not None and ask.max_tokens == second
        assert ask.not_first == frozenset({STOP, END})
        now = now.take(Reply((8,) * second, None))
        assert now.thinking == ((6, 6, 6, 6, WAIT) + (8,) * second)[:8]
        assert now.forced


def test_rounds_that_together_thought_more_than_the_budget_are_cut_to_it() -> None:
    now = begin(rules(times=1, accounting="restart"), (7,)).take(Reply((6,) * 6, STOP))
    now = now.take(Reply((8,) * 4, END))
    assert now.thinking == (*(6,) * 6, WAIT, 8)
    assert now.forced, "the model's own end was cut off"


@pytest.mark.parametrize(
    ("reply", "suppressed"),
    [(Reply((6,) * 8, None), 0), (Reply((6,) * 7, STOP), 0), (Reply((6,) * 6, STOP), 1)],
)
def test_what_cannot_be_suppressed_makes_a_wait_impossible(reply: Reply, suppressed: int) -> None:
    """It never ended, or no room is left for the text and one token more."""
    now = begin(rules(times=1), (7,)).take(reply)
    while (ask := now.ask()) is not None:
        now = now.take(Reply((8,) * ask.max_tokens, None))
    assert now.suppressed == suppressed
    assert now.label == ("obeyed" if suppressed else "impossible")


def test_the_end_of_the_positions_ends_thinking_before_the_budget() -> None:
    # 1 of the prompt, 1 that begins thinking, 2 that ask for the answer, and 4 of it: 5 of 13 are left.
    now = begin(rules(positions=13), (7,))
    ask = now.ask()
    assert ask is not None and ask.max_tokens == 5
    now = now.take(Reply((6,) * 5, None))
    assert (now.forced, now.label, len(now.take(Reply((9,) * 4, None)).tokens)) == (True, "impossible", 13)


def test_a_prompt_that_leaves_no_room_is_answered_without_thinking() -> None:
    ask = begin(rules(positions=8), (7,)).ask()
    assert ask == Ask((7, THINK, ANSWER, FORCED), 4, frozenset({END}))
    end = begin(rules(positions=8), (7,)).take(Reply((9,), END))
    assert (end.thinking, end.label, end.ask()) == ((), "impossible", None)


def test_no_sequence_is_longer_than_the_positions_though_a_line_break_is_put_before_the_answer() -> None:
    draw, line, full = random.Random(2), PIECES[0], 0
    for _ in range(STREAMS // 10):
        drawn = drawn_rules(draw)

        def answer(thinking: Tokens, forced: bool) -> Tokens:
            return (*(() if thinking[-1:] == (line,) or not forced else (line,)), ANSWER, FORCED)

        wait = (*drawn.wait[1:], line)
        bound = replace(drawn, positions=draw.randint(8, 40), answer=answer, wait=wait)
        told = run(bound, draw.choice(ENGINES), draw)
        # A prompt that leaves no room for thinking is another refusal's.
        lengths = [len(ask.sequence) + ask.max_tokens for ask in told.asks]
        assert max(lengths) <= (bound.positions or 0) or len(lengths) == 1
        full += told.end.out_of_positions
    assert full > 1_000
