"""What the tests run on ranks: whole training jobs, and the weights that come out."""

import os
import warnings
from dataclasses import replace

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp

from trainer.sft.checkpoint_files import folder_of
from trainer.sft.train import train
from trainer.spec import Job, World
from trainer.stage import Outcome


def train_on_rank(job: Job) -> Outcome:
    pod = int(os.environ["RANK"]) // job.spec.world.devices_per_node
    outcome = train(replace(job, index=pod))
    dist.destroy_process_group()
    return outcome


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


def saved(of: Job, step: int) -> dict[str, torch.Tensor]:
    """All that the checkpoint of a step holds, by kind and parameter: `weights.model.norm.weight`."""
    folder = str(folder_of(of, step))
    listed = dcp.FileSystemReader(folder).read_metadata().state_dict_metadata
    tensors = {
        name: torch.empty(entry.size, dtype=entry.properties.dtype)  # type: ignore[union-attr]
        for name, entry in listed.items()
    }
    with warnings.catch_warnings():
        # It warns that it loads in a single process, which is just what no_dist asks for.
        warnings.simplefilter("ignore", UserWarning)
        dcp.load(tensors, checkpoint_id=folder, no_dist=True)
    return tensors


def final_weights(of: Job) -> dict[str, torch.Tensor]:
    """By the parameters' names, of the newest checkpoint."""
    newest = max((of.work / "checkpoints").glob("step-*"))
    tensors = saved(of, int(newest.name.removeprefix("step-")))
    found = {name.partition(".")[2]: tensor for name, tensor in tensors.items() if name[:8] == "weights."}
    assert found
    return found
