"""AdamW, its schedule, and what stands before each update: clipping and the check that all is finite."""

import math

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from trainer.failure import StageError
from trainer.spec import Optimizer


def adamw(model: nn.Module, settings: Optimizer) -> torch.optim.AdamW:
    """AdamW over the model's fp32 shards. Biases and norms do not decay, as in transformers' Trainer."""
    decayed = [p for name, p in model.named_parameters() if not _spared(name)]
    spared = [p for name, p in model.named_parameters() if _spared(name)]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups,
        lr=settings.learning_rate,
        betas=(settings.beta1, settings.beta2),
        eps=settings.epsilon,
        fused=True,
    )


def learning_rate(step: int, *, peak: float, steps: int, warmup: int) -> float:
    """Rate of update `step`, from 1: linear from 0 over `warmup` updates, then half a cosine towards 0.

    As transformers' LambdaLR, which counts from 0: the first update has rate 0, the last not quite.
    """
    done = step - 1
    if done < warmup:
        return peak * done / max(1, warmup)
    share = (done - warmup) / max(1, steps - warmup)
    return peak * max(0.0, 0.5 * (1.0 + math.cos(math.pi * share)))


def local_gradients(model: nn.Module) -> list[Tensor]:
    """This rank's shards of all gradients; together the ranks' shards are each gradient exactly once."""
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    return [grad.to_local() if isinstance(grad, DTensor) else grad for grad in gradients]


def clip(gradients: list[Tensor], *, norm: float, limit: float) -> None:
    """Scales gradients whose norm, over all ranks, is beyond the limit down to it; as clip_grad_norm_."""
    coefficient = limit / (norm + 1e-6)
    if coefficient < 1.0:
        for gradient in gradients:
            gradient.mul_(coefficient)


def is_finite(*, loss: float, norm: float) -> bool:
    """Whether an update may be made: any other would turn weights into NaN."""
    return math.isfinite(loss) and math.isfinite(norm)


def require_finite(*, loss: float, norm: float, step: int) -> None:
    """Raises StageError `numerics` after a step whose update was not made."""
    if not is_finite(loss=loss, norm=norm):
        message = (
            f"Step {step}: loss {loss}, gradient norm {norm}. The update was not made. Lower "
            "training.optimizer.learningRate, lengthen the warm-up, or look at the samples of this step in "
            "data/rows.jsonl."
        )
        raise StageError("numerics", message, step=step - 1)


def _spared(name: str) -> bool:
    return name.endswith(".bias") or "norm" in name
