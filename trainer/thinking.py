"""What sets thinking off from the answer (orchestrator/recipe/thinking.ts), in training and evaluation alike.

Training writes, after the prompt:

    {start}
    {trace}
    {answer_start}
    {answer}

and evaluation feeds `start`, waits for `end`, and puts `answer_start` in its place. What brings a line break
of its own gets no second one: "<think>\\n" and "</think>\\n\\n" say exactly what is trained on and fed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thinking:
    """Delimiters as a recipe has them."""

    start: str
    """Thinking follows it."""
    end: str
    """What a model writes where its thinking has ended: `answer_start` begins with it."""
    final_answer: str
    """Put before the answer where the budget ended the thinking."""
    answer_start: str | None = None
    """The answer follows it; None: it follows `end`."""

    @property
    def before_answer(self) -> str:
        return self.end if self.answer_start is None else self.answer_start

    @property
    def forced(self) -> str:
        """What the answer of a thinking begins with that its budget ended."""
        return line_break_behind(self.before_answer) + self.final_answer

    @property
    def counts_steps(self) -> bool:
        """Whether thinking may be counted down in steps, which s1 sets off with what ends its thinking."""
        return (self.end, self.before_answer) == (S1.end, S1.before_answer)


S1 = Thinking("<|im_start|>think", "<|im_start|>", "Final Answer:", "<|im_start|>answer")


def line_break_behind(text: str) -> str:
    """What is put between the text and the next."""
    return "" if text.endswith("\n") else "\n"
