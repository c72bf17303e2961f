"""Peak memory of a slice of the model, by step and recompute mode, beside the planner's formula.

The slice is a few blocks with embedding and head, sharded by FSDP over one rank: fp32 weights and gradients
are whole, all else is as on each of the plan's ranks. No optimizer: its moments are 8 B a parameter, always.
"""

import torch
import torch.distributed as dist

from trainer.bench.batches import share_of_group
from trainer.bench.clock import peak_bytes
from trainer.bench.one_rank import spec_with
from trainer.bench.report import Cell, Failure, Part, Table, attempt, failed_row
from trainer.bench.shape import MODES, Shape
from trainer.bench.slice_model import fill_randomly, share_heads
from trainer.sft.model import CausalLM
from trainer.sft.pack import PackedBatch
from trainer.sft.parallelize import parallelize
from trainer.sft.ranks import Ranks
from trainer.spec import JobSpec, RecomputeMode

COLUMNS = {
    "step": "",
    "tokens a rank": "d",
    "recompute": "",
    "peak GB": ".2f",
    "plan GB": ".2f",
    "measured / plan": ".3f",
}
NOTE = (
    "Most bytes of tensors at once (max_memory_allocated), so without the CUDA context, NCCL's buffers and "
    "fragmentation, for which the plan adds 3 GB."
)


def measure(shape: Shape, spec: JobSpec, ranks: Ranks, group: dist.ProcessGroup) -> Part:
    # Eager on a CPU: compiled blocks are proven by their own part.
    spec = spec_with(spec, shape.slice_arch, compiled=ranks.device.type == "cuda")
    with torch.device("meta"):
        model = CausalLM(shape.slice_arch, shape.vocabulary_size, attend=share_heads(shape, group))
    parallelize(model, spec, ranks)
    model.to_empty(device=ranks.device)
    fill_randomly(model)
    rows: list[list[Cell]] = []
    for case in shape.cases:
        batch = share_of_group(case.lengths, shape, ranks.device)
        for mode in MODES:
            first: list[Cell] = [case.name, len(batch.ids_T), mode]
            peak = attempt(lambda: _peak(model, batch, mode, ranks.device))  # noqa: B023 (runs at once)
            if isinstance(peak, Failure):
                rows.append(failed_row(first, peak, len(COLUMNS)))
                continue
            planned = case.slice_bytes[mode]
            ratio = None if peak is None else peak / planned
            rows.append([*first, None if peak is None else peak / 1e9, planned / 1e9, ratio])
    return Part("Memory", [Table(f"{shape.slice_layers} blocks", COLUMNS, rows, NOTE)])


def _peak(model: CausalLM, batch: PackedBatch, mode: RecomputeMode, device: torch.device) -> int | None:
    def run() -> None:
        model.zero_grad(set_to_none=True)
        loss, _ = model(batch, mode)
        loss.backward()

    # The first pass compiles, and fills FSDP's own buffers.
    run()
    return peak_bytes(run, device)
