import pytest
import torch
import torch.nn.functional as F

from trainer.sft.loss import IGNORED, weighted_cross_entropy


@pytest.mark.parametrize("chunk", [1, 7, 1024])
def test_equals_the_loss_over_full_logits_with_its_gradients(chunk: int) -> None:
    torch.manual_seed(0)
    hidden_TD, head_VD = torch.randn(23, 6, requires_grad=True), torch.randn(11, 6, requires_grad=True)
    targets_T = torch.randint(0, 11, (23,))
    targets_T[::4] = IGNORED
    weights_T = torch.rand(23)
    loss, unweighted = weighted_cross_entropy(hidden_TD, head_VD, targets_T, weights_T, chunk=chunk)
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
    loss, _ = weighted_cross_entropy(hidden_TD, torch.randn(5, 3), targets_T, torch.ones(4))
    [gradient] = torch.autograd.grad(loss, hidden_TD)
    assert torch.isfinite(loss)
    assert gradient[[1, 3]].eq(0).all() and gradient[[0, 2]].ne(0).all()


def test_arithmetic_after_a_bf16_product_is_fp32() -> None:
    hidden_TD, head_VD = torch.randn(64, 16).bfloat16(), torch.randn(300, 16).bfloat16()
    targets_T = torch.randint(0, 300, (64,))
    loss, _ = weighted_cross_entropy(hidden_TD, head_VD, targets_T, torch.full((64,), 1 / 64))
    reference = F.cross_entropy((hidden_TD @ head_VD.T).float(), targets_T)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, reference)
