"""What decoding holds on its device, and from it the type of the weights and how many questions go together.

    bytes = parameters x W                                                  the weights, once
          + rows x tokens x layers x 2 x key/value heads x head size x W    keys and values
          + rows x tokens x 2 x query heads x head size x W x 2             one layer's, gathered to attend
          + WORKSPACE_BYTES                                                 scores, activations, logits

W is 4 in fp32 and 2 in bf16; `tokens` is the longest prompt with budget, answer and what is put between them.
s1 evaluated in fp32, because in bf16 greedy answers depend on how many are decoded together (its appendix B);
where fp32 does not fit one device with a few questions, bf16 is what is left, and the results say so. On
processors it is always fp32, and at least one question is tried: how much is free there is anybody's guess.
Loads no torch.
"""

from dataclasses import dataclass
from typing import Literal

from trainer.failure import StageError
from trainer.sft.model_folder import expected_shapes
from trainer.spec import Architecture

Dtype = Literal["fp32", "bf16"]
BYTES_OF: dict[Dtype, int] = {"fp32": 4, "bf16": 2}
# Most bytes of attention's scores at once; CachedDecoder cuts its passes accordingly.
SCORE_BYTES = 1 << 30
WORKSPACE_BYTES = 2 * SCORE_BYTES
# Fewer would read all weights for hardly a token: days of a device for what bf16 does in hours.
FEWEST_IN_FP32 = 8


@dataclass(frozen=True, slots=True)
class Room:
    dtype: Dtype
    batch: int
    """Most questions that may be decoded together."""


def weight_bytes(arch: Architecture, dtype: Dtype) -> int:
    total = 0
    for shape in expected_shapes(arch).values():
        size = BYTES_OF[dtype]
        for axis in shape:
            size *= axis
        total += size
    return total


def row_bytes(arch: Architecture, tokens: int, dtype: Dtype) -> int:
    """What one question of so many tokens holds beside the weights."""
    gathered = 2 * arch.query_heads * arch.head_size * 2
    return tokens * (cached_bytes(arch, dtype) + gathered * BYTES_OF[dtype])


def cached_bytes(arch: Architecture, dtype: Dtype) -> int:
    """Keys and values of one token in all layers."""
    return arch.layers * 2 * arch.key_value_heads * arch.head_size * BYTES_OF[dtype]


def room(arch: Architecture, *, tokens: int, batch: int, device: Literal["cpu", "cuda"], usable: int) -> Room:
    """The type and the largest batch up to `batch` that fit into `usable` bytes of the device.

    Raises StageError `out-of-memory` where not even one question in bf16 fits a GPU.
    """
    if device == "cpu":
        free = usable - weight_bytes(arch, "fp32")
        return Room("fp32", max(1, min(batch, free // row_bytes(arch, tokens, "fp32"))))
    for dtype in BYTES_OF:
        free = usable - weight_bytes(arch, dtype) - WORKSPACE_BYTES
        rows = free // row_bytes(arch, tokens, dtype)
        if rows >= (min(batch, FEWEST_IN_FP32) if dtype == "fp32" else 1):
            return Room(dtype, min(batch, rows))
    needed = weight_bytes(arch, "bf16") + WORKSPACE_BYTES + row_bytes(arch, tokens, "bf16")
    raise StageError(
        "out-of-memory",
        f"Evaluation holds the model on one device: {needed:,} bytes in bf16 for one question of {tokens:,} "
        f"tokens, and the device has {usable:,}. Use devices with more memory, or lower maxThinkingTokens.",
    )
