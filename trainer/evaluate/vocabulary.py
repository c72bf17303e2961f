"""Whether token ids that a server gives are tokens of this model, and all that its text is made of.

An id that the tokenizer does not have decodes to nothing, and one that is left out is missing from what was
thought: both would be counted wrong without a word. So the text that came with the ids is held against them.
"""

import re
from collections.abc import Sequence

from tokenizers import Tokenizer

from trainer.failure import StageError
from trainer.tokenizer import control_tokens

SHOWN_CHARACTERS = 80


class Vocabulary:
    """Of the model that is evaluated. Thread-safe, because it changes nothing."""

    def __init__(self, tokenizer: Tokenizer, rows: int) -> None:
        """`rows`: of the embedding. One that the tokenizer does not name may be likeliest all the same."""
        self._tokenizer = tokenizer
        self._rows = rows
        # Servers differ in whether they write control tokens, blanks at the edges, and characters of which
        # not all bytes are there: what is left without them is the same, however it was decoded.
        controls = sorted(control_tokens(tokenizer).values(), key=len, reverse=True)
        self._left_out = re.compile("|".join([*map(re.escape, controls), r"\s", "\ufffd"]))

    def require_known(self, tokens: Sequence[int], *, where: str) -> None:
        """Raises StageError `configuration` for an id that the model cannot give."""
        unknown = next((token for token in tokens if token >= self._rows), None)
        if unknown is not None:
            message = (
                f"{where} gave the token {unknown}, which the model does not have: its {self._rows} go up to "
                f"{self._rows - 1}. Another model answers there than the one that is evaluated. Name that "
                "one as model.repository, or the server of this one as evaluation.engine.url."
            )
            raise StageError("configuration", message)

    def require_whole(self, tokens: Sequence[int], text: object, *, where: str) -> None:
        """Raises StageError `configuration` where the text goes on behind what the tokens say."""
        if not isinstance(text, str) or not text:
            return
        decoded = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        said, told = self._left_out.sub("", decoded), self._left_out.sub("", text)
        if len(told) > len(said) and told.startswith(said):
            rest = told[len(said) :][:SHOWN_CHARACTERS]
            message = (
                f"{where} gave {len(tokens)} token ids for a text that holds more than they say: "
                f"{rest!r} follows. What was thought is counted in tokens, so a server is needed that "
                "returns all of them, as vLLM does."
            )
            raise StageError("configuration", message)
