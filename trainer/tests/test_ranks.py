from pathlib import Path
from typing import Any

import pytest
import torch.distributed as dist
from torch.distributed.tensor import DTensor

from trainer.failure import StageError
from trainer.sft.layout import lay_out
from trainer.sft.pack import pack
from trainer.sft.prepared_data import read_prepared
from trainer.sft.ranks import join_ranks, shorten_timeouts
from trainer.sft.train import build, fill
from trainer.spec import Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import job, prepared_job
from trainer.tests.training import on_ranks


def places_on_rank(of: Job) -> tuple[Any, ...]:
    ranks = join_ranks(of.spec)
    group = None if ranks.group is None else dist.get_process_group_ranks(ranks.group)
    # The first rank keeps the store in which the others find each other.
    dist.barrier()
    return ranks.group_index, ranks.index_in_group, group, ranks.shard_index, ranks.num_replicas


def test_neighbours_share_a_sequence_and_nodes_hold_replicas(tmp_path: Path) -> None:
    of = job(tmp_path, "train")
    hybrid = on_ranks(of, 4, nodes=2, sequence_parallel=2, hybrid=True)
    assert run_ranks(places_on_rank, 4, hybrid) == [
        (0, 0, [0, 1], 0, 2),
        (0, 1, [0, 1], 1, 2),
        (1, 0, [2, 3], 0, 2),
        (1, 1, [2, 3], 1, 2),
    ]
    two = on_ranks(of, 2)
    assert run_ranks(places_on_rank, 2, two) == [(0, 0, None, 0, 1), (1, 0, None, 1, 1)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"world.devicesPerNode": 4}, "2 ranks were started, the specification has 4"),
        ({"world": {"nodes": 2, "devicesPerNode": 1}, "sequenceParallel": 2}, "a node has 1 devices"),
        ({"recipe.model.architecture.keyValueHeads": 1, "sequenceParallel": 2}, "1 key/value heads cannot"),
        ({"recipe.training.globalBatch": 1}, "each of the 2 ranks needs a sample in every step"),
    ],
)
def test_ranks_that_cannot_do_the_job_are_refused_before_they_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], text: str
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    of = job(tmp_path, "train", {"world.devicesPerNode": 2, **changes})
    with pytest.raises(StageError, match=text) as caught:
        join_ranks(of.spec)
    assert caught.value.exit_class == "configuration"
    assert not dist.is_initialized()


def types_on_rank(of: Job) -> dict[str, set[str]]:
    """What a step in the recipe's precision leaves and goes through, by the names of the types."""
    ranks = join_ranks(of.spec)
    data = read_prepared(of)
    trained = build(of, data.figures["vocabularySize"], ranks)
    fill(trained, of, ranks)
    inside: set[str] = set()
    trained.model.model.layers[0].register_forward_hook(lambda _m, _i, out: inside.add(str(out.dtype)))
    store, [row, *_] = data.store, data.rows
    samples = lay_out(row, store, of.spec).groups[ranks.group_index]
    loss, _ = trained.model(pack(store, samples, global_batch=8, device=ranks.device))
    loss.backward()
    parameters = list(trained.model.parameters())
    state = [trained.optimizer.state[parameter] for parameter in parameters]
    policy = trained.model._get_fsdp_state()._mp_policy  # type: ignore[operator]
    return {
        "reduction": {str(policy.reduce_dtype)},
        "angles": {str(trained.model.model.rope_dtype)},
        "compute": inside,
        "masters": {str(parameter.dtype) for parameter in parameters},
        "gradients": {str(p.grad.dtype) for p in parameters if isinstance(p.grad, DTensor)},
        "moments": {str(moments[kind].dtype) for moments in state for kind in ("exp_avg", "exp_avg_sq")},
    }


@pytest.mark.parametrize("as_published", [False, True])
def test_compute_is_bf16_masters_fp32_and_as_published_alone_rounds_reduction_and_angles(
    tmp_path: Path, as_published: bool
) -> None:
    changes = {"recipe.training.compute": "bf16", "recipe.training.asPublished": as_published}
    found, _ = run_ranks(types_on_rank, 2, on_ranks(prepared_job(tmp_path, changes), 2))
    rounded = "torch.bfloat16" if as_published else "torch.float32"
    assert (found["reduction"], found["angles"]) == ({rounded}, {rounded})
    assert found["compute"] == {"torch.bfloat16"}
    for kind in ("masters", "gradients", "moments"):
        assert found[kind] == {"torch.float32"}, kind


def timeouts_on_rank(of: Job) -> list[float]:
    ranks = join_ranks(of.spec)

    def timeouts() -> list[float]:
        groups = [dist.group.WORLD, ranks.group, *ranks.mesh.get_all_groups()]
        backends = [group._get_backend(ranks.device) for group in groups if group is not None]
        return [backend.options._timeout.total_seconds() for backend in backends]

    before = timeouts()
    shorten_timeouts(ranks, step_seconds=60, hang_seconds=400)
    dist.barrier()
    return [*before, *timeouts()]


def test_ranks_wait_long_for_the_first_step_and_then_until_a_hang_must_have_been_seen_from_outside(
    tmp_path: Path,
) -> None:
    of = on_ranks(job(tmp_path, "train"), 4, nodes=2, sequence_parallel=2, hybrid=True)
    for found in run_ranks(timeouts_on_rank, 4, of):
        assert found == [1800.0] * 4 + [920.0] * 4
