from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from trainer.sft.loss import IGNORED, weighted_cross_entropy


def labelled(targets_T: Tensor) -> Tensor:
    return (targets_T != IGNORED).nonzero().squeeze(1)


@pytest.mark.parametrize("chunk", [1, 7, 1024])
def test_equals_the_loss_over_full_logits_with_its_gradients(chunk: int) -> None:
    torch.manual_seed(0)
    hidden_TD, head_VD = torch.randn(23, 6, requires_grad=True), torch.randn(11, 6, requires_grad=True)
    targets_T = torch.randint(0, 11, (23,))
    targets_T[::4] = IGNORED
    weights_T = torch.rand(23)
    loss, unweighted = weighted_cross_entropy(
        hidden_TD, head_VD, targets_T, weights_T, labelled(targets_T), chunk=chunk
    )
    nll_T = F.cross_entropy(hidden_TD @ head_VD.T, targets_T, reduction="none", ignore_index=IGNORED)
    expected = (nll_T * weights_T).sum()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(unweighted, nll_T.sum())
    found = torch.autograd.grad(3 * loss, (hidden_TD, head_VD))
    for gradient, reference in zip(
        found, torch.autograd.grad(3 * expected, (hidden_TD, head_VD)), strict=True
    ):
        torch.testing.assert_close(gradient, reference)


def test_rows_without_labels_get_no_gradient_and_cannot_spoil_it() -> None:
    hidden_TD = torch.randn(4, 3)
    hidden_TD[1] = torch.nan
    hidden_TD.requires_grad_()
    targets_T = torch.tensor([2, IGNORED, 0, IGNORED])
    loss, _ = weighted_cross_entropy(
        hidden_TD, torch.randn(5, 3), targets_T, torch.ones(4), labelled(targets_T)
    )
    [gradient] = torch.autograd.grad(loss, hidden_TD)
    assert torch.isfinite(loss)
    assert gradient[[1, 3]].eq(0).all() and gradient[[0, 2]].ne(0).all()


def test_arithmetic_after_a_bf16_product_is_fp32() -> None:
    hidden_TD, head_VD = torch.randn(64, 16).bfloat16(), torch.randn(300, 16).bfloat16()
    targets_T = torch.randint(0, 300, (64,))
    loss, _ = weighted_cross_entropy(
        hidden_TD, head_VD, targets_T, torch.full((64,), 1 / 64), torch.arange(64)
    )
    reference = F.cross_entropy((hidden_TD @ head_VD.T).float(), targets_T)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, reference)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_batch_without_labels_has_zeros_for_gradients_and_not_nothing(dtype: torch.dtype) -> None:
    hidden_TD = torch.randn(4, 3, dtype=dtype, requires_grad=True)
    head_VD = torch.randn(5, 3, dtype=dtype, requires_grad=True)
    loss, unweighted = weighted_cross_entropy(
        hidden_TD, head_VD, torch.full((4,), IGNORED), torch.zeros(4), torch.arange(0)
    )
    loss.backward()
    assert (loss.item(), unweighted.item()) == (0, 0)
    for leaf in (hidden_TD, head_VD):
        assert leaf.grad is not None and leaf.grad.dtype == dtype and leaf.grad.eq(0).all()


class NewTensors(TorchDispatchMode):
    """Number of elements and type of each tensor that gets memory of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[tuple[int, torch.dtype]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = {x.untyped_storage().data_ptr() for x in args if isinstance(x, Tensor)}
        out = func(*args, **(kwargs or {}))
        if isinstance(out, Tensor) and out.untyped_storage().data_ptr() not in given:
            self.made.append((out.numel(), out.dtype))
        return out


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_no_tensor_is_larger_than_a_chunk_of_logits_or_the_head(dtype: torch.dtype) -> None:
    tokens, hidden, vocabulary, chunk = 600, 8, 320, 16
    hidden_TD = torch.randn(tokens, hidden, dtype=dtype, requires_grad=True)
    head_VD = torch.randn(vocabulary, hidden, dtype=dtype, requires_grad=True)
    targets_T = torch.randint(0, vocabulary, (tokens,))
    with NewTensors() as forward:
        loss, _ = weighted_cross_entropy(
            hidden_TD, head_VD, targets_T, torch.rand(tokens), labelled(targets_T), chunk=chunk
        )
    largest = max(numel for numel, _ in forward.made)
    assert largest == max(chunk * vocabulary, vocabulary * hidden, tokens * hidden)
    with NewTensors() as backward:
        loss.backward()
    in_backward = [made for made in backward.made if made[0] >= vocabulary * hidden]
    # The hidden states' gradient, and the head's when its type is another than that of the sum.
    expected = [(tokens * hidden, dtype)] + [(vocabulary * hidden, dtype)] * (dtype == torch.bfloat16)
    assert in_backward == expected


def test_gradients_of_bf16_inputs_stay_close_to_those_of_fp32() -> None:
    torch.manual_seed(0)
    hidden_TD, head_VD = torch.randn(200, 32), torch.randn(97, 32) / 4
    targets_T, weights_T = torch.randint(0, 97, (200,)), torch.full((200,), 1 / 200)
    results = []
    for dtype in (torch.bfloat16, torch.float32):
        leaves = [x.bfloat16().to(dtype).requires_grad_() for x in (hidden_TD, head_VD)]
        loss, _ = weighted_cross_entropy(
            leaves[0], leaves[1], targets_T, weights_T, labelled(targets_T), chunk=64
        )
        results.append([x.float() for x in torch.autograd.grad(loss, leaves)])
    for found, exact in zip(*results, strict=True):
        assert (found - exact).norm() <= 0.01 * exact.norm()
