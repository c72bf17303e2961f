"""Every operation of a step, seen on its way: what it sends, what the host waits for, what is held."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.distributed._functional_collectives import AsyncCollectiveTensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from trainer.rehearse.storages import StorageLog

PACKAGE = Path(__file__).parents[1]
# Of each collective: its name here, and which of its tensors has all that is sent or received.
COLLECTIVES = {
    "c10d::_allgather_base_": "all-gather",
    "c10d::_reduce_scatter_base_": "reduce-scatter",
    "c10d::allreduce_": "all-reduce",
    "_c10d_functional::all_to_all_single": "all-to-all",
}
GATHERED, REDUCED = "gathered weights", "gradients being reduced"


@dataclass(frozen=True, slots=True)
class Wait:
    """The host needs a number that the device has to compute first."""

    where: str
    """`trainer/sft/step.py:111 _exchange`"""
    phase: str


class Observer(TorchDispatchMode):
    """Answers each number that the host asks of the device with 1, and counts that as a wait.

    Operations whose result's shape depends on the device's data raise torch's own error: nothing can be
    rehearsed behind them.
    """

    def __init__(self, log: StorageLog, flop_formulas: dict[Any, Callable[..., int]]) -> None:
        """`flop_formulas`: by operator, as in torch.utils.flop_counter."""
        super().__init__()
        self.flops = 0
        self.collective_bytes: Counter[str] = Counter()
        self.waits: Counter[Wait] = Counter()
        self._log = log
        self._flop_formulas = flop_formulas

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.name().partition(".")[0]
        if name == "aten::_local_scalar_dense":
            self.waits[Wait(_place(), self._log.phase)] += 1
            return 1.0 if args[0].dtype.is_floating_point else 1
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                self._log.see(_held_by(tensor))
        formula = self._flop_formulas.get(func.overloadpacket)
        if formula is not None:
            self.flops += formula(*args, **(kwargs or {}), out_val=out)
        self._note(name, args, kwargs or {})
        return out

    def _note(self, name: str, args: Any, kwargs: Any) -> None:
        if name in COLLECTIVES:
            sizes = [x.numel() * x.element_size() for x in tree_leaves(args) if isinstance(x, Tensor)]
            self.collective_bytes[COLLECTIVES[name]] += max(sizes)
        if name == "c10d::_reduce_scatter_base_":
            for tensor in args[:2]:
                self._log.mark(tensor, REDUCED)
        elif name == "fsdp::all_gather_copy_in":
            self._log.mark(args[1], GATHERED)
        elif name == "fsdp::split_with_sizes_copy":
            for tensor in kwargs["out"]:
                self._log.mark(tensor, GATHERED)
        elif name.startswith("fsdp::chunk_cat"):
            for tensor in args[0]:
                self._log.mark(tensor, REDUCED)


def _held_by(tensor: Tensor) -> Tensor:
    """What lies in memory: on real ranks what is still on its way is wrapped, and each view of it again."""
    return tensor.elem if isinstance(tensor, AsyncCollectiveTensor) else tensor


def _place() -> str:
    """The line of the trainer that is being run."""
    frame = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE) and not path.is_relative_to(PACKAGE / "rehearse"):
            return f"{path.relative_to(PACKAGE.parent)}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return "outside of the trainer"
