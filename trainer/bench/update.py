"""Time of a step's end on one rank: the gradients' norm and clipping, and AdamW, on its fp32 shards."""

import torch
from torch import nn

from trainer.bench.clock import Lap, median_laps
from trainer.bench.plan_data import PlanData
from trainer.bench.report import Part, Table
from trainer.bench.shape import Shape
from trainer.bench.slice_model import fill_randomly
from trainer.sft import optim
from trainer.sft.checkpoint_state import Trained, start_moments
from trainer.sft.model import CausalLM

COLUMNS = {
    "parameters, M": ".1f",
    "norm and clip ms": ".3f",
    "AdamW ms": ".3f",
    "both ms": ".3f",
    "plan's tail ms": ".1f",
}
NOTE = (
    "The plan's tail holds what no single GPU shows, too: the ranks' agreement, logging, the host's pauses."
)


def measure(plan: PlanData, shape: Shape, device: torch.device) -> Part:
    model = _shards(shape, plan.devices, device)
    settings = plan.spec.recipe.training.optimizer
    optimizer = optim.adamw(model, settings)
    start_moments(Trained(model, optimizer), 0)
    gradients = {parameter: torch.randn_like(parameter) for parameter in model.parameters()}

    def run(lap: Lap) -> None:
        # An update gives gradients up.
        for parameter, gradient in gradients.items():
            parameter.grad = gradient
        local = optim.local_gradients(model)
        norm = float(optim.squared_norm(local)) ** 0.5
        optim.clip(local, norm=norm, limit=settings.gradient_clip)
        lap("clip")
        optim.update(optimizer, rate=settings.learning_rate)
        lap("update")

    seconds = median_laps(run, device, shape.repeats)
    both = seconds["clip"] + seconds["update"]
    num_parameters = sum(parameter.numel() for parameter in model.parameters())
    row = [num_parameters / 1e6, 1e3 * seconds["clip"], 1e3 * seconds["update"], 1e3 * both]
    title = f"Update of one of {plan.devices} ranks' shards"
    return Part("Update", [Table(title, COLUMNS, [[*row, 1e3 * plan.tail_seconds]], NOTE)], data=both)


def _shards(shape: Shape, num_ranks: int, device: torch.device) -> CausalLM:
    """The whole model's parameters, each cut to one rank's rows: FSDP shards the first axis."""
    with torch.device("meta"):
        model = CausalLM(shape.arch, shape.vocabulary_size)
    for module in model.modules():
        for name, whole in module.named_parameters(recurse=False):
            size = (-(-whole.shape[0] // num_ranks), *whole.shape[1:])
            module.register_parameter(name, nn.Parameter(torch.empty(size, device=device)))
    fill_randomly(model)
    return model
