"""s1's budget forcing: thinking ends at a maximum of tokens, or goes on past its end after a "Wait".

Decoding has two phases, as in s1's evaluation harness. Thinking follows "<|im_start|>think" and ends by
itself at "<|im_start|>" or at any token that ends the model's texts; the answer follows "<|im_start|>answer",
to which "Final Answer:" is added exactly when the budget ended the thinking, and ends at the same tokens
without "<|im_start|>". Such a token is "<|im_end|>", and what the model's files name, like a base model's
"<|endoftext|>": s1's harness decodes with an engine that ends there, too, and asks for an answer even so.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Protocol

import torch
from tokenizers import Tokenizer
from torch import Tensor

from trainer.evaluate.capacity import ANSWER, FORCED, THINK
from trainer.evaluate.settings import Control


class Decoder(Protocol):
    def next_logits(self, rows: Sequence[int], sequences: Sequence[Sequence[int]]) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Thought:
    """Tokens of thinking without its delimiters, and whether the model ended it itself."""

    tokens: tuple[int, ...]
    ended: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    thinking: str
    answer: str
    num_thinking_tokens: int
    forced: bool
    """The budget ended the thinking."""
    cut: bool
    """The answer ended at its limit, so what it says may be incomplete."""


class BudgetForcing:
    """Answers a batch of questions under several controls; thinks once, up to the largest budget.

    Decoding is greedy, so what is thought under a smaller budget is a prefix of what is thought under a
    larger one, and the results are those of separate passes.
    """

    def __init__(
        self, decoder: Decoder, tokenizer: Tokenizer, *, ends: Set[int], max_answer_tokens: int
    ) -> None:
        """`ends`: ids that end the model's texts (trainer.sft.end_tokens)."""
        self._decoder = decoder
        self._tokenizer = tokenizer
        self._max_answer_tokens = max_answer_tokens
        self._ends = frozenset(ends)
        self._stops = self._ends.union(self._encode("<|im_start|>"))

    def run(self, prompts: Sequence[Sequence[int]], controls: Sequence[Control]) -> list[list[Outcome]]:
        """For each control the outcome of each prompt; a prompt ends where the assistant's turn begins."""
        prefixes = [[*prompt, *self._encode(THINK)] for prompt in prompts]
        longest = max(control.max_thinking_tokens for control in controls)
        nothing = [Thought((), ended=False)] * len(prompts)
        thoughts = self._continue(prefixes, nothing, range(len(prompts)), budget=longest)
        outcomes: dict[Control, list[Outcome]] = {}
        # From the largest budget down, so that the decoder still holds the prefix that the next one needs.
        for control in sorted(set(controls), key=lambda control: control.max_thinking_tokens, reverse=True):
            budget = control.max_thinking_tokens
            cut = [cut_to_budget(thought, budget) for thought in thoughts]
            for _ in range(control.times):
                cut = self._wait(prefixes, cut, control)
            outcomes[control] = self._answer(prefixes, cut)
        return [outcomes[control] for control in controls]

    def _wait(self, prefixes: list[list[int]], thoughts: list[Thought], control: Control) -> list[Thought]:
        """Suppresses an end of thinking wherever the model ended by itself and text and one token more fit.

        s1's harness gives every round the whole budget anew and cuts the sum at the end, so a row may think
        for longer than is counted. Here, as in s1's README, the rounds share one budget, which so holds.
        """
        text, budget = self._encode(control.text), control.max_thinking_tokens
        rows = [
            row
            for row, thought in enumerate(thoughts)
            if thought.ended and len(thought.tokens) + len(text) < budget
        ]
        resumed = list(thoughts)
        for row in rows:
            resumed[row] = Thought((*thoughts[row].tokens, *text), ended=False)
        return self._continue(prefixes, resumed, rows, budget=budget, at_least_one=True)

    def _answer(self, prefixes: list[list[int]], thoughts: list[Thought]) -> list[Outcome]:
        texts = [self._decode(thought.tokens) for thought in thoughts]
        heads = [
            ANSWER if thought.ended else ("" if text.endswith("\n") else "\n") + ANSWER + FORCED
            for text, thought in zip(texts, thoughts, strict=True)
        ]
        sequences = [
            [*prefix, *thought.tokens, *self._encode(head)]
            for prefix, thought, head in zip(prefixes, thoughts, heads, strict=True)
        ]
        limits = [self._max_answer_tokens] * len(sequences)
        answers = generate(self._decoder, range(len(sequences)), sequences, limits, stops=self._ends)
        return [
            Outcome(
                thinking=text,
                answer=head.partition(ANSWER)[2] + self._decode(tokens),
                num_thinking_tokens=count_thinking(self._tokenizer, thought.tokens),
                forced=not thought.ended,
                cut=not ended,
            )
            for text, thought, head, (tokens, ended) in zip(texts, thoughts, heads, answers, strict=True)
        ]

    def _continue(
        self,
        prefixes: list[list[int]],
        thoughts: Sequence[Thought],
        rows: Sequence[int],
        *,
        budget: int,
        at_least_one: bool = False,
    ) -> list[Thought]:
        """The thoughts, of which those of `rows` have gone on to their end or to the budget."""
        sequences = [[*prefixes[row], *thoughts[row].tokens] for row in rows]
        limits = [budget - len(thoughts[row].tokens) for row in rows]
        # As in s1's harness a "Wait" is followed by at least one token: an end at once would make it vain.
        not_first = self._stops if at_least_one else frozenset[int]()
        continuations = generate(
            self._decoder, rows, sequences, limits, stops=self._stops, not_first=not_first
        )
        result = list(thoughts)
        for row, (tokens, ended) in zip(rows, continuations, strict=True):
            result[row] = Thought((*thoughts[row].tokens, *tokens), ended)
        return result

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        return text


def count_thinking(tokenizer: Tokenizer, tokens: Sequence[int]) -> int:
    """Thinking tokens as s1 counts them: the line breaks that set the delimiters off do not count."""
    texts = [tokenizer.decode([token], skip_special_tokens=False) for token in tokens]
    counted = [index for index, text in enumerate(texts) if text.strip("\n")]
    return counted[-1] - counted[0] + 1 if counted else 0


def cut_to_budget(thought: Thought, budget: int) -> Thought:
    """What is thought with this budget, of which the token that ends thinking takes one."""
    if thought.ended and len(thought.tokens) < budget:
        return thought
    return Thought(thought.tokens[:budget], ended=False)


def generate(
    decoder: Decoder,
    rows: Sequence[int],
    sequences: Sequence[Sequence[int]],
    limits: Sequence[int],
    *,
    stops: Set[int],
    not_first: Set[int] = frozenset(),
) -> list[tuple[list[int], bool]]:
    """Greedy continuations, each with whether a stop token ended it; the stop token is left out but counts.

    A row leaves the batch as it ends. `limits`: most tokens of each row, at least 1. `not_first`: tokens that
    no continuation may begin with. An empty batch is fine: every row may have ended in the phase before.
    """
    new: list[list[int]] = [[] for _ in rows]
    ended = [False] * len(rows)
    live = list(range(len(rows)))
    while live:
        logits = decoder.next_logits([rows[i] for i in live], [[*sequences[i], *new[i]] for i in live])
        if not_first and not new[live[0]]:
            banned = torch.tensor(sorted(not_first), device=logits.device)
            logits = logits.index_fill(1, banned, float("-inf"))
        for i, token in zip(live, logits.argmax(-1).tolist(), strict=True):
            if token in stops:
                ended[i] = True
            else:
                new[i].append(token)
        live = [i for i in live if not ended[i] and len(new[i]) < limits[i]]
    return list(zip(new, ended, strict=True))
