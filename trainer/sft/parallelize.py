"""How a model is made parallel: four moves, in the only order that is valid.

share_sequence   attention over the tokens of all ranks of a group (sequence parallel)
recompute        which of the forward pass is kept, and which computed again
compile_blocks   the graphs, which see whole weights
shard_weights    FSDP, whose hooks stay outside of the graphs
"""

import torch
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard

from trainer.sft.blocks import compile_blocks, recompute
from trainer.sft.model import Attention, CausalLM
from trainer.sft.ranks import Ranks
from trainer.sft.ulysses import exchanged
from trainer.spec import JobSpec, Training


def parallelize(model: CausalLM, spec: JobSpec, ranks: Ranks) -> None:
    """Spreads a model over the ranks in place; parameters are DTensors afterwards."""
    training = spec.recipe.training
    share_sequence(model, ranks)
    recompute(model, [limit.mode for limit in spec.recompute])
    if training.compile:
        compile_blocks(model)
    shard_weights(model, _precision(training), ranks.mesh)


def share_sequence(model: CausalLM, ranks: Ranks) -> None:
    """Each rank of a group attends over the tokens of all of them, with its share of the heads."""
    if ranks.group is None:
        return
    for module in model.modules():
        if isinstance(module, Attention):
            module.attend = exchanged(module.attend, ranks.group)


def shard_weights(model: CausalLM, precision: MixedPrecisionPolicy, mesh: DeviceMesh) -> None:
    """Embedding, each block, then the last norm and the head, so that but a few are gathered at a time.

    FSDP gathers the next one during each by itself, because the host is ahead of the device. Where the
    embedding is the head, too, it is in the root's group, whole from a step's beginning to its end.
    """
    *others, last = model.model.layers
    if not model.model.arch.tied_embeddings:
        embedding = fully_shard(model.model.embed_tokens, mesh=mesh, mp_policy=precision)
        # The gradient of a look-up needs no row of the table.
        embedding.set_unshard_in_backward(False)
    for layer in others:
        fully_shard(layer, mesh=mesh, mp_policy=precision)
    # Backward begins with these, so their weights, resharded, would be gathered again at once.
    fully_shard(last, mesh=mesh, mp_policy=precision, reshard_after_forward=False)
    if not model.model.arch.tied_embeddings:
        head = [model.model.norm, model.lm_head]
        fully_shard(head, mesh=mesh, mp_policy=precision, reshard_after_forward=False)
    fully_shard(model, mesh=mesh, mp_policy=precision)
    _sum_gradients(model)


def _sum_gradients(model: CausalLM) -> None:
    """Sums, not means, for which gloo has no scaled sum that a divide factor alone would ask for."""
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)


def _precision(training: Training) -> MixedPrecisionPolicy:
    """fp32 parameters stay sharded as the optimizer's masters; `compute` is what products are done in."""
    if training.compute == "fp32":
        return MixedPrecisionPolicy(cast_forward_inputs=False)
    reduce_dtype = torch.bfloat16 if training.as_published else torch.float32
    # Inputs are not cast: rotary angles and token weights stay fp32.
    return MixedPrecisionPolicy(
        param_dtype=torch.bfloat16, reduce_dtype=reduce_dtype, cast_forward_inputs=False
    )
