"""What a model is told about how long to think, in its question, and whether it did so.

The words are s1's (its eval, tasks/aime/utils.py), because models are trained on them. A number of steps is
for models that count their steps down, as "<|im_start|>7 steps left".
"""

import re

from trainer.evaluate.forcing import Written
from trainer.evaluate.settings import Control
from trainer.sft.conditions import up_to

LONG = (
    "Answer after a long amount of thinking. If you feel like you are finished early, spend the extra time "
    "trying to double-check your work until you are absolutely sure that you have the correct answer."
)
SHORT = "Answer after a short amount of thinking. Do not spend excessive time double-checking your work."

_STEP = re.compile(r"\s*(\d+) steps? left\b")
_ANSWER = re.compile(r"\s*answer\b")


def instruction(control: Control) -> str:
    """What stands behind the question; empty where the model is told nothing."""
    if control.kind == "token":
        return up_to(control.tokens or 0, "tokens")
    if control.kind == "step":
        return up_to(control.steps or 0, "steps")
    if control.kind == "class":
        return f"\n\n{LONG if control.length == 'long' else SHORT}"
    return ""


def read_step(text: str) -> Written:
    """What follows "<|im_start|>" in thinking by steps."""
    found = _STEP.match(text)
    if found is not None:
        return "none left" if int(found[1]) == 0 else "step"
    return "answer" if _ANSWER.match(text) else "other"


def is_kept(control: Control, *, thinking_tokens: int, steps: int, unsteered_tokens: int | None) -> bool:
    """Whether the model did as it was told; `unsteered_tokens`: what it thinks about the question untold."""
    if control.kind == "token":
        return thinking_tokens <= (control.tokens or 0)
    if control.kind == "step":
        # A model that counts no steps has not thought in them.
        return 0 < steps <= (control.steps or 0)
    if control.kind == "class":
        assert unsteered_tokens is not None, "settings require a plain budget beside it"
        longer = thinking_tokens > unsteered_tokens
        return longer if control.length == "long" else thinking_tokens < unsteered_tokens
    return True
