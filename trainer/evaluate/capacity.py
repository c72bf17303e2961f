"""How long the sequences of an evaluation get; known before any model is loaded."""

from collections.abc import Sequence

from tokenizers import Tokenizer

from trainer.evaluate.settings import Settings

THINK = "<|im_start|>think"
ANSWER = "<|im_start|>answer"
FORCED = "\nFinal Answer:"


def longest_prompt(tokenizer: Tokenizer, prompts: Sequence[str]) -> int:
    """Tokens of the longest of them; 0 of none."""
    encodings = tokenizer.encode_batch(list(prompts), add_special_tokens=False)
    return max((len(encoding.ids) for encoding in encodings), default=0)


def capacity(tokenizer: Tokenizer, prompts: Sequence[str], settings: Settings) -> int:
    """Tokens that a sequence of the batch may have: prompt, thinking, what is put behind it, and answer."""
    texts = [prompt + THINK + "\n" + ANSWER + FORCED for prompt in prompts]
    budget = max(control.max_thinking_tokens for control in settings.controls)
    return longest_prompt(tokenizer, texts) + budget + settings.max_answer_tokens
