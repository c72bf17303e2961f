"""How the model is spread over the ranks: FSDP2 over all of them, gradients summed in fp32."""

import os
from datetime import timedelta

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard

from trainer.failure import StageError
from trainer.sft.model import CausalLM
from trainer.spec import JobSpec, Training

WHOLE_PARAMETERS = 8_000_000


def join_ranks(spec: JobSpec) -> torch.device:
    """Joins the process group that torchrun describes and returns this rank's device.

    Raises StageError `configuration` when the ranks are not the specification's, or too many for its batch.
    """
    world, wanted = int(os.environ.get("WORLD_SIZE", "1")), spec.world.size
    if world != wanted:
        message = f"{world} ranks were started, the specification has {wanted} (nodes x devicesPerNode)."
        raise StageError("configuration", message)
    if spec.sequence_parallel > 1:
        message = (
            f"sequenceParallel is {spec.sequence_parallel}; this trainer cannot share a sequence between "
            "ranks yet. Set training.sequenceParallel to 1."
        )
        raise StageError("configuration", message)
    if spec.recipe.training.global_batch < world:
        message = (
            f"training.globalBatch is {spec.recipe.training.global_batch}, but each of the {world} ranks "
            f"needs a sample in every step. Set it to {world} or more, or use fewer devices."
        )
        raise StageError("configuration", message)
    if spec.device == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    else:
        device = torch.device("cpu")
        # One thread a process: several ranks on the same cores were 7x slower with more.
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    # gloo carries the small host-side exchanges even where nccl carries the tensors.
    backend = "cpu:gloo,cuda:nccl" if spec.device == "cuda" else "gloo"
    dist.init_process_group(backend, timeout=timedelta(minutes=30))
    return device


def shard(model: CausalLM, training: Training, device: torch.device) -> None:
    """Wraps each block and then the rest, so that no more than a few blocks are whole at a time.

    A model that is small as a whole is wrapped as a whole: its steps wait for exchanges, not for memory.

    fp32 parameters stay sharded as the optimizer's masters; `compute` is what matrix products are done in.
    """
    mesh = init_device_mesh(device.type, (dist.get_world_size(),))
    reduce_dtype = torch.bfloat16 if training.as_published else torch.float32
    policy = (
        # Inputs are not cast: rotary angles and token weights stay fp32.
        MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=reduce_dtype, cast_forward_inputs=False)
        if training.compute == "bf16"
        else MixedPrecisionPolicy(cast_forward_inputs=False)
    )
    *others, last = model.model.layers
    if sum(parameter.numel() for parameter in model.parameters()) > WHOLE_PARAMETERS:
        for layer in others:
            fully_shard(layer, mesh=mesh, mp_policy=policy)
        # Backward begins with the last block, so giving its weights up after forward would only fetch them
        # again.
        fully_shard(last, mesh=mesh, mp_policy=policy, reshard_after_forward=False)
    fully_shard(model, mesh=mesh, mp_policy=policy)
    for module in model.modules():
        if isinstance(module, FSDPModule):
            # Token weights already average over the step's samples, so ranks' gradients are summed. gloo has
            # no scaled sum, which a divide factor alone would ask for.
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)
