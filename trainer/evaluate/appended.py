"""Whether what a control puts in place of an end of thinking is text, so that thinking goes on behind it."""

from collections.abc import Sequence

from tokenizers import Tokenizer

from trainer.evaluate.settings import Control
from trainer.failure import StageError
from trainer.tokenizer import control_tokens


def require_text(controls: Sequence[Control], tokenizer: Tokenizer) -> None:
    """Raises StageError `configuration` where a text of theirs holds a control token of this tokenizer."""
    names = control_tokens(tokenizer)
    for control in controls:
        ids = tokenizer.encode(control.text, add_special_tokens=False).ids
        if held := [names[each] for each in ids if each in names]:
            message = (
                f"A `wait` of evaluation.controls has the text {control.text!r}, which holds {held[0]}, a "
                "control token of this model's tokenizer: it would end or begin a turn in the midst of the "
                "thinking that it is to prolong. Take a text of words."
            )
            raise StageError("configuration", message)
