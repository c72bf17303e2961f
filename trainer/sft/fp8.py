"""Matrix products in FP8 with a scale for each row: `training.compute: fp8-rowwise`.

Both operands of a product are rounded to e4m3 after each of their rows, along which the product sums, was
scaled by the power of two that brings its largest entry just below e4m3's largest number. So are those of
both products of the backward pass: what torchao's recipe `rowwise` does (Micikevicius et al. 2022, "FP8
formats for deep learning", for the format; torchao, float8/config.py, for the choice of e4m3 for gradients
too). Sums are in fp32 and what comes out is in the inputs' type. Weights stay what they are: only the
operands of a product are rounded, each time that it is computed.

Shape suffixes: M rows, K what is summed over, N columns.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

E4M3 = torch.float8_e4m3fn
LARGEST = torch.finfo(E4M3).max
# A row of zeros has no scale of its own; so small a row is nearly one.
SMALLEST = 2.0**-64
# The sign and the mantissa of a float32 are masked out.
EXPONENT = 0x7F800000
# Ada and Hopper on.
CAPABILITY = (8, 9)


def scaled_rows(x_MK: Tensor) -> tuple[Tensor, Tensor]:
    """The rows in e4m3, one after the other in memory, and what each must be multiplied by, M1 in fp32.

    Scales are powers of two, so that scaling rounds nothing, in bf16 neither, and only the cast does.
    """
    most_M1 = torch.linalg.vector_norm(x_MK, math.inf, dim=-1, keepdim=True).float().clamp(min=SMALLEST)
    # Rounded down to a power of two, so that nothing exceeds the largest number, which has no infinity above.
    scale_M1 = ((LARGEST / most_M1).view(torch.int32) & EXPONENT).view(torch.float32)
    rounded_MK = (x_MK * scale_M1.to(x_MK.dtype)).to(E4M3, memory_format=torch.contiguous_format)
    return rounded_MK, scale_M1.reciprocal()


def product(a_MK: Tensor, b_NK: Tensor) -> Tensor:
    """a times b transposed, MN: each row of both in FP8 with its own scale."""
    rounded_MK, factor_M1 = scaled_rows(a_MK)
    rounded_NK, factor_N1 = scaled_rows(b_NK)
    # On Hopper the kernel with a scale a row is fast only where it adds up in the matrix units alone.
    return torch._scaled_mm(
        rounded_MK,
        rounded_NK.t(),
        scale_a=factor_M1,
        scale_b=factor_N1.t(),
        out_dtype=a_MK.dtype,
        use_fast_accum=True,
    )


class _Product(torch.autograd.Function):
    """Keeps its inputs as they came: in two bytes they serve both scalings, by rows and by columns."""

    @staticmethod
    def forward(ctx: Any, x_MK: Tensor, weight_NK: Tensor) -> Tensor:
        ctx.save_for_backward(x_MK, weight_NK)
        return product(x_MK, weight_NK)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        [grad_MN] = gradients
        x_MK, weight_NK = ctx.saved_tensors
        # The weight's gradient first: the other one would be held beside all that this one casts.
        grad_NK = product(grad_MN.t(), x_MK.t())
        return product(grad_MN, weight_NK.t()), grad_NK


def refusal(capability: tuple[int, int] | None) -> str | None:
    """Why a device of this compute capability has no FP8 products; None where it has, or is a processor."""
    if capability is None or capability >= CAPABILITY:
        return None
    found, needed = (".".join(map(str, each)) for each in (capability, CAPABILITY))
    return (
        f"training.compute is fp8-rowwise, but a device has compute capability {found}; FP8 products need "
        f"{needed} or more (H100: 9.0). Remove device.peakFp8Tflops from the cluster profile and set "
        "training.compute to bf16."
    )


class Fp8Linear(nn.Linear):
    """A linear layer whose three products are in FP8; its bias is added outside of them."""

    def forward(self, x_MK: Tensor) -> Tensor:
        out_MN: Tensor = _Product.apply(x_MK, self.weight)
        return out_MN if self.bias is None else out_MN + self.bias
