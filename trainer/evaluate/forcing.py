"""Budget forcing of one question as a machine over tokens: what to ask an engine, and what its reply means.

It knows nothing of engines, so that what it says of a control is proven from the tokens that came back, by
whichever engine: a server that ignores a parameter is found out, and what it sends too much is never used.

Thinking ends by itself at a stop token or a text, or at the budget. An end is suppressed as often as `times`
says by putting `wait` in its place. Then the answer is asked for, with "Final Answer:" exactly when the
budget ended the thinking (s1, 3.1; its harness: eval/lm-evaluation-harness, vllm_causallms.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from trainer.evaluate.ask import Ask, Reply, as_asked
from trainer.evaluate.text_end import TextEnd, Tokens

Accounting = Literal["shared", "restart"]
Label = Literal["obeyed", "impossible", "ignored"]
# Behind the sign that sets off steps: one of them, that none is left, the answer, or something else.
Written = Literal["step", "none left", "answer", "other"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How one control bounds thinking, in tokens of one tokenizer."""

    budget: int
    times: int
    wait: Tokens
    accounting: Accounting
    """`shared`: all rounds together keep to the budget, as in s1's README. `restart`: each round has all of
    it, and what they thought is cut to it at the end, as in s1's harness."""
    think: Tokens
    answer: Callable[[Tokens, bool], Tokens]
    """What is put behind this thinking to ask for the answer; the second says whether the budget ended it."""
    thinking_stops: frozenset[int]
    answer_stops: frozenset[int]
    max_answer_tokens: int
    positions: int | None = None
    """Most tokens of a whole sequence, where there is such a limit."""
    read_step: Callable[[Tokens], Written] | None = None
    """For thinking by steps, which `step_start` sets off: what a model has written behind it."""
    step_start: int | None = None
    text_end: TextEnd | None = None
    """Where the end of thinking is a text: none of the stops."""


def begin(rules: Rules, prompt: Tokens) -> "Forcing":
    """A question that nothing was asked about yet; one that leaves no room is answered without thinking."""
    new = Forcing(rules, prompt)
    return new if new._room() > 0 else new._end(ended=False, out_of_positions=True)


@dataclass(frozen=True, slots=True)
class Forcing:
    """One question under one control, so far; `begin` makes it."""

    rules: Rules
    prompt: Tokens
    thinking: Tokens = ()
    ended: bool = False
    """The model ended its thinking itself, and that end stands."""
    suppressed: int = 0
    """Ends that were suppressed."""
    phase: Literal["thinking", "answering", "done"] = "thinking"
    answer: Tokens = ()
    cut: bool = False
    """The answer ended at its limit."""
    ignored: bool = False
    """The engine did something else than it was asked."""
    out_of_positions: bool = False
    """Thinking ended because the sequence may not be longer, before its budget did."""
    steps: int = 0
    """That were counted down, in thinking by steps."""
    counted_out: bool = False
    """None were left, which ended the thinking: the model had not begun to answer."""
    thought: int = 0
    """Tokens of thinking, those included that were cut off at the end."""
    _round: int = 0
    """Tokens of thinking before those that this round makes."""

    @property
    def tokens(self) -> Tokens:
        """The whole sequence, as it is fed."""
        return (*self._asked_for_answer(), *self.answer)

    @property
    def forced(self) -> bool:
        """The budget, or the end of the positions, ended the thinking."""
        return not self.ended

    @property
    def label(self) -> Label:
        """Whether the control did what it says."""
        if self.ignored:
            return "ignored"
        in_vain = self.suppressed < self.rules.times
        return "impossible" if in_vain or self.out_of_positions else "obeyed"

    def ask(self) -> Ask | None:
        """What is wanted next; None when all is said."""
        rules = self.rules
        if self.phase == "thinking":
            sequence = (*self.prompt, *rules.think, *self.thinking)
            limit, stops, end = min(self._left(), self._room()), rules.thinking_stops, rules.text_end
            if self.suppressed == 0 or len(self.thinking) > self._round:
                return Ask(sequence, limit, stops, text_end=end)
            # As in s1's harness a "Wait" is followed by a token: an end at once would make it vain.
            if end is None:
                return Ask(sequence, limit, stops, stops)
            # An engine can be kept from beginning a text for one token only, not for the first of many.
            return Ask(sequence, 1, stops, stops | end.heads, text_end=end)
        if self.phase == "answering":
            return Ask(self._asked_for_answer(), rules.max_answer_tokens, rules.answer_stops)
        return None

    def take(self, reply: Reply) -> "Forcing":
        """What follows from the reply to `ask`."""
        ask = self.ask()
        assert ask is not None, "nothing was asked"
        said = self.thinking[self._round :]
        reply, kept = as_asked(reply, ask, said)
        after = replace(self, ignored=self.ignored or not kept)
        if self.phase == "answering":
            return replace(after, answer=reply.tokens, cut=reply.stop is None, phase="done")
        written = None if self.rules.read_step is None else self.rules.read_step(reply.tokens)
        if written in ("none left", "answer"):
            # What is behind it is no step any more: the answer is asked for as after any thinking.
            return replace(after, counted_out=written == "none left")._end(ended=True)
        thought = replace(after, thinking=(*self.thinking, *reply.tokens))
        if written is not None:
            return thought._next_step(reply, written == "step")
        if reply.at_text:
            assert self.rules.text_end is not None, "nothing else is found"
            found = self.rules.text_end.find((*said, *reply.tokens))
            assert found is not None, "it was found there"
            return replace(thought, thinking=thought.thinking[: self._round + found[0]])._by_itself()
        if reply.stop is None:
            if ask.max_tokens == len(reply.tokens) < min(self._left(), self._room()):
                return thought
            full = len(reply.tokens) == self._room() < self._left()
            return thought._end(ended=False, out_of_positions=full)
        return thought._by_itself()

    def _by_itself(self) -> "Forcing":
        return self._wait() if self._may_wait() else self._end(ended=True)

    def _next_step(self, reply: Reply, counted: bool) -> "Forcing":
        now = replace(self, steps=self.steps + counted)
        if reply.stop is None:
            return now._end(ended=False, out_of_positions=self._room() < 1 <= self._left())
        if reply.stop != self.rules.step_start:
            return now._end(ended=True)
        if min(self._left(), self._room()) < 2:
            # The sign that sets off a step is a token, too, and there has to be one behind it.
            return now._end(ended=False, out_of_positions=self._room() < 2 <= self._left())
        return replace(now, thinking=(*self.thinking, reply.stop))

    def _left(self) -> int:
        """Tokens that this round may think."""
        used = self._round if self.rules.accounting == "restart" else 0
        return self.rules.budget - (len(self.thinking) - used)

    def _room(self) -> int:
        """Tokens that may be thought before nothing is left for the answer."""
        rules = self.rules
        if rules.positions is None:
            return rules.budget
        # What will have been thought by then may need the line break in front that this thinking ends with.
        ways = [(thinking, forced) for thinking in ((), self.thinking) for forced in (True, False)]
        head = max(len(rules.answer(thinking, forced)) for thinking, forced in ways)
        used = len(self.prompt) + len(rules.think) + len(self.thinking) + head + rules.max_answer_tokens
        return rules.positions - used

    def _may_wait(self) -> bool:
        if self.suppressed == self.rules.times:
            return False
        text = len(self.rules.wait)
        fits = self.rules.accounting == "restart" or self._left() > text
        return fits and self._room() > text

    def _wait(self) -> "Forcing":
        thinking = (*self.thinking, *self.rules.wait)
        return replace(self, thinking=thinking, suppressed=self.suppressed + 1, _round=len(thinking))

    def _end(self, *, ended: bool, out_of_positions: bool = False) -> "Forcing":
        """Rounds that each had the whole budget may have thought more than it together."""
        budget, start = self.rules.budget, self.rules.step_start
        begun = start is not None and self.thinking[-1:] == (start,)
        thinking = self.thinking[: -1 if begun else budget]
        ended = ended and len(self.thinking) < budget
        if not ended and self.rules.text_end is not None:
            # A part of the end would stand before the whole one.
            thinking = thinking[: len(thinking) - self.rules.text_end.begun(thinking)]
        return replace(
            self,
            thinking=thinking,
            thought=len(self.thinking) - begun,
            ended=ended,
            out_of_positions=out_of_positions,
            phase="answering",
        )

    def _asked_for_answer(self) -> Tokens:
        rules = self.rules
        head = () if self.phase == "thinking" else rules.answer(self.thinking, self.forced)
        return (*self.prompt, *rules.think, *self.thinking, *head)
