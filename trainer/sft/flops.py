"""FLOPs of a step, as the control plane counts them (plan/flops.ts, plan/rank-work.ts): for MFU and HFU.

MFU counts what the model needs, HFU also what is computed twice to save memory. Neither counts padding.
"""

from collections.abc import Sequence

from trainer.family import FAMILIES
from trainer.spec import Architecture, RecomputeMode


def model_flops(arch: Architecture, vocabulary_size: int, lengths: Sequence[int]) -> int:
    """Forward and backward of samples of these lengths.

    6 a token and weight of a matrix product, 2 of them forward (Kaplan et al. 2020, section 2.1; looking up
    the embedding is none). Attention 6 * layers * query width * length^2 a sample: 4 forward, halved by
    causality, times 3 with the backward pass (Dao 2023, FlashAttention-2, section 4.1).
    """
    query, key_value, feed_forward = _widths(arch)
    block = arch.hidden_size * (2 * query + 2 * key_value + 3 * feed_forward)
    linear = 6 * (arch.layers * block + arch.hidden_size * vocabulary_size)
    return linear * sum(lengths) + 6 * arch.layers * query * _squares(lengths)


def recomputed_flops(
    arch: Architecture, lengths: Sequence[int], mode: RecomputeMode, *, compiled: bool, fp8: bool = False
) -> int:
    """What the blocks compute a second time in the backward pass (trainer.sft.blocks).

    Nothing in the backward pass needs the last product of what is repeated. Blocks that are not compiled stop
    before down_proj, but for `fp8`, whose products hand over what they keep when they are done; a compiled
    half runs to its end, but `gate` and `selective` leave down_proj out of it, and of q, k and v those that
    no norm stands behind.
    """
    query, key_value, feed_forward = _widths(arch)
    projections, gates = query + 2 * key_value, 2 * feed_forward
    needless = projections + (feed_forward if fp8 else 0)
    normed = query + key_value if FAMILIES[arch.model_type].qk_norms else 0
    match mode:
        case "none":
            return 0
        case "gate":
            weights, attention = feed_forward + (normed if compiled else needless), 0
        case "selective":
            weights, attention = gates + (normed if compiled else needless), 0
        case "full":
            weights = projections + query + gates + (feed_forward if compiled or fp8 else 0)
            attention = 2 * query
    per_token = 2 * arch.hidden_size * weights
    return arch.layers * (per_token * sum(lengths) + attention * _squares(lengths))


def available(seconds: float, *, devices: int, peak_tflops: float) -> float:
    """What the devices could have done at their dense peak."""
    return seconds * devices * peak_tflops * 1e12


def _widths(arch: Architecture) -> tuple[int, int, int]:
    return (
        arch.query_heads * arch.head_size,
        arch.key_value_heads * arch.head_size,
        arch.feed_forward_size,
    )


def _squares(lengths: Sequence[int]) -> int:
    return sum(length * length for length in lengths)
