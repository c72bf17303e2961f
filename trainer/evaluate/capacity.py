"""How long the sequences of an evaluation get; known before any model is loaded."""

from collections.abc import Sequence

from tokenizers import Tokenizer

from trainer.evaluate.settings import Settings
from trainer.thinking import Thinking


def longest_prompt(prompts: Sequence[Sequence[int]]) -> int:
    """Tokens of the longest of them; 0 of none."""
    return max(map(len, prompts), default=0)


def delimiter_tokens(tokenizer: Tokenizer, delimiters: Thinking) -> int:
    """Of what is put before the thinking, and between it and the answer where the budget ends it."""
    texts = (delimiters.start, "\n" + delimiters.before_answer + delimiters.forced)
    return sum(len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts)


def capacity(tokenizer: Tokenizer, prompts: Sequence[Sequence[int]], settings: Settings) -> int:
    """Tokens that a sequence of the batch may have: prompt, thinking, what is put behind it, and answer."""
    around = delimiter_tokens(tokenizer, settings.thinking)
    thinking = max(control.longest_thought for control in settings.controls)
    return longest_prompt(prompts) + around + thinking + settings.max_answer_tokens
