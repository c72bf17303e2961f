"""Documents without a label that fill a packed sequence up to one of few shapes.

cuDNN's attention, which torch prefers on Hopper, makes a plan for each number of tokens, number of documents
and longest document that it has not seen, in tens of milliseconds, and keeps it. Of s1K's steps nearly every
one has its own three numbers. Filled up, tokens and documents come in whole multiples (attention is told of a
document that no step exceeds, see `pack`), and a rank meets some 20 shapes in place of 300.

No filler is empty: cuDNN before 9.25 gives no numbers for documents without tokens (cudnn-frontend #943).
"""

from collections.abc import Sequence


def filler_lengths(lengths: Sequence[int], *, multiple: int, document_multiple: int) -> list[int]:
    """Tokens of each document that is added to documents of these lengths: none, or each at least one.

    With them the tokens are a multiple of `multiple` and the documents one of `document_multiple`. They are
    as equal as can be, so that attending to them costs next to nothing, and none is longer than `multiple`.
    """
    if sum(lengths) % multiple == 0 and len(lengths) % document_multiple == 0:
        return []
    count = document_multiple - len(lengths) % document_multiple
    tokens = count + -(sum(lengths) + count) % multiple
    each, longer = divmod(tokens, count)
    return [each + 1] * longer + [each] * (count - longer)
