"""An end of thinking that is no token of its own: a text, which a model may cut into tokens in several ways.

It is looked for in what the tokens say. The first of its tokens may hold the last of the thinking, too, as
".</" does, and the last one what follows, as ">\\n": whole tokens are taken away, so both go with it.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from tokenizers import Tokenizer

from trainer.tokenizer import control_tokens

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class TextEnd:
    text: str
    decode: Callable[[Tokens], str] = field(compare=False, repr=False)
    heads: frozenset[int] = field(compare=False, repr=False)
    """Tokens with which it may begin."""

    def find(self, tokens: Tokens) -> tuple[int, int] | None:
        """How many tokens stand before the first one, and how many end with it; None where there is none."""
        if self.text not in self.decode(tokens):
            return None
        counts = range(1, len(tokens) + 1)
        whole = counts[bisect_left(counts, True, key=lambda count: self.text in self.decode(tokens[:count]))]
        before = next(at for at in reversed(range(whole)) if self.text in self.decode(tokens[at:whole]))
        return before, whole

    def closes(self, tokens: Tokens) -> bool:
        """Whether it is whole by the last of the tokens, or was by one of the few before."""
        return self.text in self.decode(tokens[-self._most :])

    def begun(self, tokens: Tokens) -> int:
        """How many of the last tokens are a beginning of it and nothing else."""
        for count in range(min(self._most - 1, len(tokens)), 0, -1):
            said = self.decode(tokens[-count:])
            if said and self.text.startswith(said):
                return count
        return 0

    @property
    def _most(self) -> int:
        """Tokens that it may be cut into: each stands for a byte at least."""
        return len(self.text.encode())


@lru_cache(maxsize=4)
def text_end(text: str, tokenizer: Tokenizer) -> TextEnd | None:
    """None where the text is a control token of the tokenizer: then its id is looked for, and nothing else.

    Kept, because all entries of the vocabulary are read.
    """
    if end_token(text, tokenizer) is not None:
        return None

    def decode(tokens: Tokens) -> str:
        said: str = tokenizer.decode(list(tokens), skip_special_tokens=False)
        return said

    entries = range(tokenizer.get_vocab_size(with_added_tokens=True))
    said = tokenizer.decode_batch([[entry] for entry in entries], skip_special_tokens=False)
    heads = (entry for entry, piece in zip(entries, said, strict=True) if _begins(text, piece.lstrip()))
    return TextEnd(text, decode, frozenset(heads))


def end_token(text: str, tokenizer: Tokenizer) -> int | None:
    """The control token that the text is."""
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return ids[0] if len(ids) == 1 and ids[0] in control_tokens(tokenizer) else None


def _begins(text: str, piece: str) -> bool:
    return piece != "" and (text.startswith(piece) or piece.startswith(text))
