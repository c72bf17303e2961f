"""s1's budget forcing of many questions under many controls, by one engine.

Thinking follows the recipe's start ("<|im_start|>think" in s1) and ends by itself at its end ("<|im_start|>")
or at any token that ends the model's texts; the answer follows its answer start ("<|im_start|>answer") and
ends at those tokens alone. What ends texts is "<|im_end|>", and what the model's files name, like a base
model's "<|endoftext|>": s1's harness decodes with an engine that ends there, too, and asks for an answer even
so.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import count

from tokenizers import Tokenizer

from trainer.evaluate.ask import Reply
from trainer.evaluate.engine import Engine
from trainer.evaluate.forcing import Forcing, Label, Rules, Tokens, begin
from trainer.evaluate.loops import Loop, loop_of
from trainer.evaluate.seeds import seed_of
from trainer.evaluate.settings import Control
from trainer.evaluate.text_end import end_token, text_end
from trainer.evaluate.told import instruction, is_kept, read_step
from trainer.thinking import S1, Thinking, line_break_behind
from trainer.tokenizer import START


@dataclass(frozen=True, slots=True)
class Outcome:
    thinking: str
    answer: str
    num_thinking_tokens: int
    forced: bool
    """The budget ended the thinking."""
    cut: bool
    """The answer ended at its limit, so what it says may be incomplete."""
    label: Label
    """Whether the control did what it says, by the tokens."""
    loop: Loop | None
    """Thinking, or else the answer, ended in a loop."""
    tokens: Tokens
    """The whole sequence as it was fed, prompt and all."""
    prompt: str
    num_prompt_tokens: int
    num_answer_tokens: int
    tries: int = 1
    """How often thinking was drawn, and tokens of all that was drawn."""
    num_drawn_tokens: int = 0
    steps: int = 0
    """That the model has counted down, in thinking by steps."""
    counted_out: bool = False
    """At none left its thinking was ended: it had not begun to answer by itself."""


class BudgetForcing:
    def __init__(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        *,
        ends: Set[int],
        max_answer_tokens: int,
        positions: int | None = None,
        thinking: Thinking = S1,
    ) -> None:
        """`ends`: ids that end the model's texts (trainer.sft.end_tokens). `positions`: Host.positions."""
        self._positions = positions
        self._engine = engine
        self._tokenizer = tokenizer
        self._max_answer_tokens = max_answer_tokens
        self._ends = frozenset(ends)
        self._thinking = thinking
        token = end_token(thinking.end, tokenizer)
        self._stops = self._ends if token is None else self._ends | {token}
        self._text_end = text_end(thinking.end, tokenizer)

    def run(
        self,
        prompts: Sequence[Sequence[int]],
        controls: Sequence[Control],
        seeds: Sequence[int] | None = None,
        told: Mapping[str, Sequence[Sequence[int]]] | None = None,
    ) -> list[list[Outcome]]:
        """For each control the outcome of each prompt; a prompt ends where the assistant's turn begins.

        `seeds`: of each prompt, where tokens are drawn. `told`: the same prompts with what a model is told
        behind their questions, by that.
        """
        seeds = [0] * len(prompts) if seeds is None else seeds
        prompts_of = {"": prompts, **(told or {})}
        outcomes: dict[Control, list[Outcome]] = {}
        # From the largest budget down: what an engine has said once, a smaller budget begins with.
        for control in sorted(set(controls), key=lambda control: control.max_thinking_tokens, reverse=True):
            rules = self._rules(control)
            asked = [begin(rules, tuple(prompt)) for prompt in prompts_of[instruction(control)]]
            drawn = answered(self._engine, asked, seeds, tries=control.tries)
            outcomes[control] = [self._outcome(each) for each in drawn]
        return [_labelled(control, outcomes) for control in controls]

    def _rules(self, control: Control) -> Rules:
        start = self._encode(START)
        by_steps = control.kind == "step"
        return Rules(
            budget=control.max_thinking_tokens,
            times=control.times,
            wait=self._encode(control.text),
            accounting=control.accounting,
            think=start if by_steps else self._encode(self._thinking.start),
            answer=self._head,
            thinking_stops=self._stops,
            answer_stops=self._ends,
            max_answer_tokens=self._max_answer_tokens,
            positions=self._positions,
            read_step=(lambda tokens: read_step(self._decode(tokens))) if by_steps else None,
            step_start=start[0] if by_steps else None,
            text_end=self._text_end,
        )

    def _head(self, thinking: Tokens, forced: bool) -> Tokens:
        head = self._thinking.before_answer
        if not forced:
            return self._encode(head)
        return self._encode(line_break_behind(self._decode(thinking)) + head + self._thinking.forced)

    def _outcome(self, drawn: "Drawn") -> Outcome:
        forcing = drawn.forcing
        return Outcome(
            thinking=self._decode(forcing.thinking),
            answer=(self._thinking.forced if forcing.forced else "") + self._decode(forcing.answer),
            num_thinking_tokens=count_thinking(self._tokenizer, forcing.thinking),
            forced=forcing.forced,
            cut=forcing.cut,
            label=forcing.label,
            loop=loop_of(forcing.thinking) or loop_of(forcing.answer),
            tokens=forcing.tokens,
            prompt=self._decode(forcing.prompt),
            num_prompt_tokens=len(forcing.prompt),
            num_answer_tokens=len(forcing.answer),
            tries=drawn.tries,
            num_drawn_tokens=drawn.rejected_tokens + forcing.thought,
            steps=forcing.steps,
            counted_out=forcing.counted_out,
        )

    def _encode(self, text: str) -> Tokens:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        return text


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question with what was drawn and rejected before."""

    forcing: Forcing
    tries: int = 1
    rejected_tokens: int = 0

    def take(self, reply: Reply, *, fresh: Forcing, most: int) -> "Drawn":
        """`fresh`: the question as it is drawn again, at most so often, where the budget ends its thought."""
        now = self.forcing.take(reply)
        is_over = self.forcing.phase == "thinking" and now.phase == "answering"
        if is_over and now.forced and self.tries < most:
            again = replace(fresh, ignored=now.ignored)
            return Drawn(again, self.tries + 1, self.rejected_tokens + len(now.thinking))
        return replace(self, forcing=now)


def answered(
    engine: Engine, questions: Sequence[Forcing], seeds: Sequence[int], *, tries: int = 1
) -> list[Drawn]:
    """Each of them to its end; all that have something to ask do so together.

    Every round draws from a seed of its own: from the same one, its first token would be drawn alike.
    """
    now = [Drawn(question) for question in questions]
    for times in count():
        asks = [(row, drawn.forcing.ask()) for row, drawn in enumerate(now)]
        asked = [(row, replace(ask, seed=seed_of(seeds[row], times))) for row, ask in asks if ask is not None]
        if not asked:
            break
        for (row, _), reply in zip(asked, engine.reply(asked), strict=True):
            now[row] = now[row].take(reply, fresh=questions[row], most=tries)
    return now


def _labelled(control: Control, outcomes: Mapping[Control, Sequence[Outcome]]) -> list[Outcome]:
    """With what the model made of what it was told; and of no try within the budget, that there was none."""
    plain = outcomes.get(Control("budget", control.max_thinking_tokens))
    return [
        replace(outcome, label=_label(control, outcome, None if plain is None else plain[row]))
        for row, outcome in enumerate(outcomes[control])
    ]


def _label(control: Control, outcome: Outcome, plain: Outcome | None) -> Label:
    if outcome.label != "obeyed":
        return outcome.label
    if control.kind == "rejection":
        return "impossible" if outcome.forced else "obeyed"
    kept = is_kept(
        control,
        thinking_tokens=outcome.num_thinking_tokens,
        steps=outcome.steps,
        unsteered_tokens=None if plain is None else plain.num_thinking_tokens,
    )
    return "obeyed" if kept else "ignored"


def count_thinking(tokenizer: Tokenizer, tokens: Sequence[int]) -> int:
    """Thinking tokens as s1 counts them: the line breaks that set the delimiters off do not count."""
    texts = [tokenizer.decode([token], skip_special_tokens=False) for token in tokens]
    counted = [index for index, text in enumerate(texts) if text.strip("\n")]
    return counted[-1] - counted[0] + 1 if counted else 0
