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


@torch.no_grad()
def local_gradients(model: nn.Module) -> list[Tensor]:
    """This rank's shards of all gradients; a replica's shards together are each gradient exactly once."""
    return [_local(parameter.grad) for parameter in model.parameters() if parameter.grad is not None]


def squared_norm(gradients: list[Tensor]) -> Tensor:
    """Sum of squares of these shards, fp32: its sum over the ranks of a replica is the square of the norm."""
    return torch.nn.utils.get_total_norm(gradients).square()


def clip(gradients: list[Tensor], *, norm: float, limit: float) -> None:
    """Scales gradients whose norm, over all ranks, is beyond the limit down to it; as clip_grad_norm_."""
    coefficient = limit / (norm + 1e-6)
    if coefficient < 1.0:
        # One kernel for all of them, not one each.
        torch._foreach_mul_(gradients, coefficient)


def update(optimizer: torch.optim.AdamW, *, rate: float) -> None:
    """One step of AdamW; gradients are given up."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


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


def _local(tensor: Tensor) -> Tensor:
    """The shard itself; only where no gradient is recorded, else a copy that autograd knows of."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def _spared(name: str) -> bool:
    return name.endswith(".bias") or "norm" in name
