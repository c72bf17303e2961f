"""Weighted cross-entropy of a linear head, in chunks of rows: the logits of all tokens never exist at once.

For Qwen2.5's 152,064 entries the fp32 logits of 32,768 tokens would take 19.9 GB; a chunk's take 0.6 GB.

Shape suffixes: T tokens, R labelled tokens, C tokens of a chunk, D hidden size, V vocabulary.
"""

from typing import Any

import torch
from torch import Tensor

IGNORED = -100
CHUNK = 1024


def weighted_cross_entropy(
    hidden_TD: Tensor,
    head_VD: Tensor,
    targets_T: Tensor,
    weights_T: Tensor,
    labelled_R: Tensor,
    *,
    chunk: int = CHUNK,
) -> tuple[Tensor, Tensor]:
    """Sum of weight * negative log likelihood, and the sum without weights (no gradient flows through that
    one).

    Only the rows `labelled_R` take part in the product with the head, those whose target is not -100: looking
    for them here would be a wait for the device. Arithmetic after it is fp32. The
    gradients of a batch without any label are zeros, so its rank joins the others' reductions. Backward can
    run once.
    """
    loss, unweighted = _ChunkedCrossEntropy.apply(hidden_TD, head_VD, targets_T, weights_T, labelled_R, chunk)
    return loss, unweighted


class _ChunkedCrossEntropy(torch.autograd.Function):
    """Makes the gradient with the loss, while a chunk's logits are there; backward only scales it."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden_TD: Tensor,
        head_VD: Tensor,
        targets_T: Tensor,
        weights_T: Tensor,
        labelled_R: Tensor,
        chunk: int,
    ) -> tuple[Tensor, Tensor]:
        hidden_RD, targets_R, weights_R = hidden_TD[labelled_R], targets_T[labelled_R], weights_T[labelled_R]
        wants_gradient = any(ctx.needs_input_grad)
        grad_RD = torch.empty_like(hidden_RD) if wants_gradient else None
        grad_VD = torch.zeros_like(head_VD, dtype=torch.float32) if wants_gradient else None
        loss = weights_T.new_zeros((), dtype=torch.float32)
        unweighted = loss.clone()
        for start in range(0, len(labelled_R), chunk):
            rows = slice(start, start + chunk)
            hidden_CD, targets_C1, weights_C = hidden_RD[rows], targets_R[rows, None], weights_R[rows]
            logits_CV = (hidden_CD @ head_VD.T).float()
            log_sum_C = logits_CV.logsumexp(1)
            nll_C = log_sum_C - logits_CV.gather(1, targets_C1).squeeze(1)
            loss += (weights_C * nll_C).sum()
            unweighted += nll_C.sum()
            if grad_RD is not None and grad_VD is not None:
                # d/dlogits = weight * (softmax - one at the target), in the logits' own memory
                grad_CV = logits_CV.sub_(log_sum_C[:, None]).exp_()
                grad_CV.scatter_add_(1, targets_C1, torch.full_like(targets_C1, -1, dtype=torch.float32))
                grad_CV = grad_CV.mul_(weights_C[:, None]).to(head_VD.dtype)
                grad_RD[rows] = grad_CV @ head_VD
                grad_VD += grad_CV.T @ hidden_CD
                # Else both lie beside the next chunk's: 0.9 GB for Qwen2.5's entries.
                del grad_CV
            del logits_CV
        # Not saved tensors but its own, which backward may scale in place and give away.
        ctx.gradients = labelled_R, grad_RD, grad_VD
        ctx.shape, ctx.dtype = hidden_TD.shape, head_VD.dtype
        ctx.mark_non_differentiable(unweighted)
        return loss, unweighted

    @staticmethod
    def backward(
        ctx: Any, grad_loss: Tensor, _grad_unweighted: Tensor
    ) -> tuple[Tensor, Tensor, None, None, None, None]:
        assert ctx.gradients is not None, "backward has run before"
        labelled_R, grad_RD, grad_VD = ctx.gradients
        ctx.gradients = None
        grad_TD = grad_RD.new_zeros(ctx.shape).index_copy_(0, labelled_R, grad_RD.mul_(grad_loss))
        # In place: a second fp32 V x D is 3.1 GB for Qwen2.5-32B.
        return grad_TD, grad_VD.mul_(grad_loss).to(ctx.dtype), None, None, None, None
