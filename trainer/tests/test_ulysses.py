"""Shape suffixes as in attention.py and ulysses.py."""

from itertools import accumulate

import pytest
import torch
import torch.distributed as dist
from torch import Tensor

from trainer.sft.attention import Attend, attend, documents
from trainer.sft.blocks import recompute
from trainer.sft.data import store_of
from trainer.sft.model import CausalLM
from trainer.sft.pack import PackedBatch, pack
from trainer.sft.template import Sample
from trainer.sft.ulysses import exchanged
from trainer.spec import Architecture, RecomputeMode
from trainer.tests.dist import run_ranks

CPU = torch.device("cpu")
ARCHITECTURE = Architecture(2, 32, 8, 4, 8, 48, False, 1e6, 1e-6, 512)
VOCABULARY = 97
LENGTHS = [41, 7, 130, 1, 21]


def heads() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(sum(LENGTHS), n, 8, generator=generator) for n in (8, 4, 4))
    return q, k, v


def attended(inputs: tuple[Tensor, ...], attention: object = attend) -> list[list[float]]:
    """The output, and the gradients of the sum of its squares, flat."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    out = attention(*leaves, documents(LENGTHS, CPU))  # type: ignore[operator]
    return [x.flatten().tolist() for x in (out, *torch.autograd.grad((out**2).sum(), leaves))]


def attended_on_rank() -> list[list[float]]:
    dist.init_process_group("gloo")
    # Whoever is refused ends at once, and the last to connect would find nobody.
    dist.barrier()
    own = slice_of_rank(sum(LENGTHS))
    assert dist.group.WORLD is not None
    parts = attended(tuple(x[own] for x in heads()), exchanged(attend, dist.group.WORLD))
    dist.destroy_process_group()
    return parts


def slice_of_rank(num_tokens: int) -> slice:
    size, rank = dist.get_world_size(), dist.get_rank()
    return slice(num_tokens // size * rank, num_tokens // size * (rank + 1))


@pytest.mark.parametrize("num_ranks", [2, 4])
def test_ranks_that_share_a_sequence_attend_as_one_rank_does(num_ranks: int) -> None:
    assert sum(LENGTHS) % num_ranks == 0
    assert all(end % (sum(LENGTHS) // num_ranks) for end in list(accumulate(LENGTHS))[:-1])
    by_rank = run_ranks(attended_on_rank, num_ranks)
    for whole, parts in zip(attended(heads()), zip(*by_rank, strict=True), strict=True):
        found = torch.tensor([value for part in parts for value in part])
        torch.testing.assert_close(found, torch.tensor(whole), rtol=1e-6, atol=1e-6)


def batch(share: int = 0, num_shares: int = 1) -> PackedBatch:
    generator = torch.Generator().manual_seed(1)
    samples = [
        Sample(torch.randint(0, VOCABULARY, (length,), generator=generator).tolist(), length // 3)
        for length in (41, 7, 130, 3, 19)
    ]
    return pack(
        store_of(samples),
        range(5),
        global_batch=5,
        device=CPU,
        multiple=num_shares,
        share=share,
        num_shares=num_shares,
    )


def model(attend: Attend = attend) -> CausalLM:
    torch.manual_seed(0)
    model = CausalLM(ARCHITECTURE, VOCABULARY, attend=attend)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


def learnt(model: CausalLM, batch: PackedBatch, mode: RecomputeMode = "none") -> dict[str, list[float]]:
    loss, _ = model(batch, mode)
    loss.backward()
    figures = {"loss": [loss.item()]}
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        figures[name] = parameter.grad.flatten().tolist()
    return figures


def learnt_on_rank(mode: RecomputeMode) -> dict[str, list[float]]:
    """This rank's share of the loss and of the gradients."""
    dist.init_process_group("gloo")
    assert dist.group.WORLD is not None
    shared = model(exchanged(attend, dist.group.WORLD))
    recompute(shared, [mode])
    share = learnt(shared, batch(dist.get_rank(), dist.get_world_size()), mode)
    dist.destroy_process_group()
    return share


@pytest.mark.parametrize(("num_ranks", "mode"), [(2, "none"), (2, "selective"), (2, "full"), (4, "none")])
def test_a_model_learns_from_a_shared_sequence_what_it_learns_from_a_whole_one(
    num_ranks: int, mode: RecomputeMode
) -> None:
    shares = run_ranks(learnt_on_rank, num_ranks, mode)
    for name, whole in learnt(model(), batch()).items():
        expected = torch.tensor(whole)
        found = torch.stack([torch.tensor(share[name]) for share in shares]).sum(0)
        scale = float(expected.abs().max())
        assert float((found - expected).abs().max()) <= 2e-6 * scale, name


def test_ranks_that_do_not_divide_the_key_value_heads_are_refused() -> None:
    with pytest.raises(AssertionError, match="must divide the key/value heads"):
        run_ranks(attended_on_rank, 3)
