"""What the tests run on ranks: whole training jobs, and the weights that come out."""

import os
from dataclasses import replace

import torch
import torch.distributed as dist
from safetensors.torch import load, save

from trainer.events import Events
from trainer.sft import parallel
from trainer.sft.checkpoint import Checkpoints
from trainer.sft.train import build, read_prepared, train
from trainer.spec import Job, World
from trainer.stage import Outcome
from trainer.tests.dist import run_ranks


def train_on_rank(job: Job) -> Outcome:
    pod = int(os.environ["RANK"]) // job.spec.world.devices_per_node
    outcome = train(replace(job, index=pod))
    dist.destroy_process_group()
    return outcome


def train_by_blocks_on_rank(job: Job) -> Outcome:
    """Wraps each block, as for large models, whatever the size."""
    parallel.WHOLE_PARAMETERS = 0
    return train_on_rank(job)


def weights_on_rank(job: Job) -> bytes:
    """Weights and moments of the newest checkpoint as a safetensors file, from a world of one."""
    ranks = parallel.join_ranks(job.spec)
    data = read_prepared(job)
    trained = build(job, data.figures["vocabularySize"], ranks)
    events = Events(job, speaks=False)
    assert Checkpoints(trained, job, rows=data.figures["rows"], events=events).resume() > 0
    tensors: dict[str, torch.Tensor] = {}
    for name, parameter in trained.model.named_parameters():
        tensors[name] = parameter.detach().full_tensor().clone()  # type: ignore[attr-defined]
        for kind in ("exp_avg", "exp_avg_sq"):
            tensors[f"{kind}.{name}"] = trained.optimizer.state[parameter][kind].full_tensor().clone()
    dist.destroy_process_group()
    return save(tensors)


def on_ranks(
    of: Job, num_ranks: int, *, nodes: int = 1, sequence_parallel: int = 1, hybrid: bool = False
) -> Job:
    spec = replace(
        of.spec,
        world=World(nodes=nodes, devices_per_node=num_ranks // nodes),
        sequence_parallel=sequence_parallel,
        sharding="hybrid" if hybrid else "full",
    )
    return replace(of, spec=spec)


def final_weights(of: Job) -> dict[str, torch.Tensor]:
    [content] = run_ranks(weights_on_rank, 1, on_ranks(of, 1))
    return load(content)
