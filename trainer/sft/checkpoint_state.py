"""What a checkpoint holds of a run: each rank's shards of the fp32 weights and of AdamW's two moments;
the last one only weights, as they are exported.

No rank ever holds a whole parameter for it (torchtune #1092: 1 TB of host memory for a full state).
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from trainer.sft.model import CausalLM
from trainer.spec import JobSpec

BYTES_PER_PARAMETER = 12  # fp32 weight and two moments

# Tensors by kind (weights, exp_avg, exp_avg_sq) and parameter name.
State = dict[str, dict[str, Tensor]]

Content = Literal["state", "weights"]
"""All that training goes on from, or what export reads."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a checkpoint reads and writes in place."""

    model: CausalLM
    optimizer: torch.optim.AdamW

    @property
    def num_parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def state_bytes(self) -> int:
        """Of all ranks' shards."""
        return BYTES_PER_PARAMETER * self.num_parameters

    def weight_bytes(self, dtype: torch.dtype) -> int:
        """Of all ranks' shards, as they are exported."""
        return dtype.itemsize * self.num_parameters


def state_of(trained: Trained) -> State:
    """The live tensors; the optimizer's counter follows from the step."""
    state: State = {"weights": {}, "exp_avg": {}, "exp_avg_sq": {}}
    for name, parameter in trained.model.named_parameters():
        moments = trained.optimizer.state[parameter]
        state["weights"][name] = parameter.detach()
        state["exp_avg"][name] = moments["exp_avg"]
        state["exp_avg_sq"][name] = moments["exp_avg_sq"]
    return state


def exported_dtype(spec: JobSpec) -> torch.dtype:
    """Of the weights that the last checkpoint and the exported model hold: what products are done in."""
    return torch.float32 if spec.recipe.training.compute == "fp32" else torch.bfloat16


def weights_of(trained: Trained, dtype: torch.dtype) -> State:
    """The weights alone; those of another type are copies, for which gradients have left room."""
    named = trained.model.named_parameters()
    return {"weights": {name: parameter.detach().to(dtype) for name, parameter in named}}


def start_moments(trained: Trained, step: int) -> None:
    """The optimizer makes its state at its first step; a checkpoint needs it before, to load into."""
    for parameter in trained.model.parameters():
        trained.optimizer.state[parameter] = {
            "step": torch.tensor(float(step), device=parameter.device),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }


def host_like(state: State) -> State:
    """Host memory for this rank's shards. It is pinned if they are on a device: a copy is several times
    faster then, and training waits for it. Pinned memory comes in powers of two, so it is up to twice the
    shards' bytes.
    """
    return {
        kind: {name: _host_like(live) for name, live in tensors.items()} for kind, tensors in state.items()
    }


def copy_to_host(state: State, host: State) -> None:
    """Copies the shards; when it returns, training may change the live ones."""
    for kind, tensors in state.items():
        for name, tensor in tensors.items():
            _shard(host[kind][name]).copy_(_shard(tensor), non_blocking=True)
    if torch.cuda.is_available():
        torch.cuda.current_stream().synchronize()


def _host_like(live: Tensor) -> Tensor:
    host = torch.empty_like(live, device="cpu")
    if live.is_cuda and isinstance(host, DTensor):
        # A DTensor cannot be asked for pinned memory; DCP's own staging sets it so too.
        host._local_tensor = host._local_tensor.pin_memory()
    return host


def _shard(tensor: Tensor) -> Tensor:
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor
