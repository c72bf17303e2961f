"""How long the sequences of an evaluation get; known before any model is loaded."""

from collections.abc import Sequence

from tokenizers import Tokenizer

from trainer.evaluate.settings import Settings

THINK = "<|im_start|>think"
ANSWER = "<|im_start|>answer"
FORCED = "\nFinal Answer:"


def longest_prompt(prompts: Sequence[Sequence[int]]) -> int:
    """Tokens of the longest of them; 0 of none."""
    return max(map(len, prompts), default=0)


def capacity(tokenizer: Tokenizer, prompts: Sequence[Sequence[int]], settings: Settings) -> int:
    """Tokens that a sequence of the batch may have: prompt, thinking, what is put behind it, and answer."""
    behind: list[int] = tokenizer.encode(THINK + "\n" + ANSWER + FORCED, add_special_tokens=False).ids
    thinking = max(control.longest_thought for control in settings.controls)
    return longest_prompt(prompts) + len(behind) + thinking + settings.max_answer_tokens
