"""Shape suffixes: T tokens, D hidden size, N query heads, H head size."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.utils._python_dispatch import TorchDispatchMode

from trainer.family import FAMILIES, ModelType
from trainer.sft.attention import Attend, attend, documents
from trainer.sft.blocks import FORMS, compile_blocks, num_graphs, recompute
from trainer.sft.model import CausalLM, rope_angles
from trainer.sft.pack import PackedBatch
from trainer.sft.ulysses import exchanged
from trainer.spec import Architecture, RecomputeMode
from trainer.tests.dist import run_ranks

CPU = torch.device("cpu")
ARCHITECTURE = Architecture(2, 32, 8, 4, 8, 48, False, 1e6, 1e-6, 512)
HIDDEN, QUERY, KEY_VALUE, FEED_FORWARD = 32, 64, 32, 48
VOCABULARY = 97
LAYOUTS = [[41, 7, 130], [3, 9], [300], [20] * 8, [5, 6, 7, 8, 600], [64, 64]]
MODES: tuple[RecomputeMode, ...] = get_args(RecomputeMode)


def model(layers: int = 2, attend: Attend = attend, model_type: ModelType = "qwen2") -> CausalLM:
    torch.manual_seed(0)
    model = CausalLM(replace(ARCHITECTURE, layers=layers, model_type=model_type), VOCABULARY, attend=attend)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


def batch(lengths: list[int], share: int = 0, num_shares: int = 1) -> PackedBatch:
    """A share of the tokens of documents in which every token is a label."""
    num_tokens = sum(lengths)
    ids_T = torch.randint(0, VOCABULARY, (num_tokens,), generator=torch.Generator().manual_seed(1))
    positions_T = torch.cat([torch.arange(length) for length in lengths])
    own = slice(num_tokens // num_shares * share, num_tokens // num_shares * (share + 1))
    weights_T = torch.full((num_tokens,), 1 / num_tokens)
    labelled_R = torch.arange(len(ids_T[own]))
    docs = documents(lengths, CPU)
    return PackedBatch(ids_T[own], positions_T[own], ids_T[own], weights_T[own], labelled_R, docs)


def learnt(model: CausalLM, batch: PackedBatch, mode: RecomputeMode = "none") -> list[Tensor]:
    """The loss and all gradients, whole."""
    model.zero_grad()
    loss, _ = model(batch, mode)
    loss.backward()
    gradients: list[Any] = [parameter.grad for parameter in model.parameters()]
    whole = (grad.full_tensor() if hasattr(grad, "full_tensor") else grad for grad in gradients)
    return [loss.detach(), *(grad.clone() for grad in whole)]


@pytest.mark.parametrize("model_type", FAMILIES)
@pytest.mark.parametrize("lengths", LAYOUTS[:2])
def test_every_mode_learns_the_same_to_the_bit(lengths: list[int], model_type: ModelType) -> None:
    plain = learnt(model(model_type=model_type), batch(lengths))
    for mode in MODES:
        prepared = model(model_type=model_type)
        recompute(prepared, MODES)
        for found, expected in zip(learnt(prepared, batch(lengths), mode), plain, strict=True):
            assert torch.equal(found, expected), mode


def test_preparing_changes_no_name_of_a_parameter() -> None:
    prepared = model()
    before = list(prepared.state_dict())
    recompute(prepared, MODES)
    compile_blocks(prepared)
    assert list(prepared.state_dict()) == before


class Count(TorchDispatchMode):
    """Counts operations: products (mm and addmm), norms (rsqrt), attentions and exchanges between ranks."""

    NAMES = (
        ("all_to_all_single", "exchange"),
        ("attention", "attention"),
        ("mm", "product"),
        ("addmm", "product"),
        ("rsqrt", "norm"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        if "attention" in name and "backward" not in name:
            name = "attention"
        self.counts[dict(self.NAMES).get(name, "other")] += 1
        return func(*args, **(kwargs or {}))


def counted_on_rank(mode: RecomputeMode) -> tuple[Counter[str], Counter[str]]:
    """What one block's forward and backward passes do on a rank that exchanges heads."""
    dist.init_process_group("gloo")
    num_ranks = dist.get_world_size()
    assert dist.group.WORLD is not None
    [block] = model(layers=1, attend=exchanged(attend, dist.group.WORLD)).model.layers
    x_TD = torch.randn(64 // num_ranks, HIDDEN, requires_grad=True)
    rope = rope_angles(torch.arange(64 // num_ranks), 8, 1e6)
    with Count() as forward:
        out_TD = block(x_TD, rope, documents([64], CPU), FORMS[mode])
    with Count() as backward:
        out_TD.sum().backward()
    dist.destroy_process_group()
    return forward.counts, backward.counts


@pytest.mark.parametrize(
    ("mode", "repeated"),
    [
        ("none", {}),
        # q, k, v and up; two norms, and the exchange of what is kept once.
        ("gate", {"product": 4, "norm": 2, "exchange": 1}),
        # q, k, v, gate and up; two norms.
        ("selective", {"product": 5, "norm": 2}),
        # All but down, whose result nobody reads.
        ("full", {"product": 6, "norm": 2, "attention": 1, "exchange": 2}),
    ],
)
def test_a_mode_repeats_what_it_says_and_nothing_else(mode: RecomputeMode, repeated: dict[str, int]) -> None:
    once = {"product": 7, "norm": 2, "attention": 1, "exchange": 2}
    # Each product has two of its own in the backward pass, each exchange one.
    gradients = {"product": 14, "exchange": 2}
    for forward, backward in run_ranks(counted_on_rank, 2, mode):
        assert {name: forward[name] for name in once} == once
        assert {name: backward[name] - gradients.get(name, 0) for name in once} == dict.fromkeys(
            once, 0
        ) | repeated


def kept(function: Callable[[], Tensor], besides: list[Tensor]) -> int:
    """Bytes that a forward pass keeps for its backward pass, besides these tensors."""
    known = {tensor.untyped_storage().data_ptr() for tensor in besides}
    # The tensors themselves are held, so that no address is used twice.
    found: dict[int, Tensor] = {}

    def hold(tensor: Tensor) -> Tensor:
        found.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(hold, lambda tensor: tensor):
        function()
    return sum(tensor.untyped_storage().nbytes() for place, tensor in found.items() if place not in known)


def kept_elements(modes: tuple[RecomputeMode, ...], model_type: ModelType, *, compiled: bool) -> list[float]:
    """Of a token, in one block, by mode."""
    num_tokens = 600
    prepared = model(layers=1, model_type=model_type)
    recompute(prepared, modes)
    if compiled:
        compile_blocks(prepared)
    [block] = prepared.model.layers
    docs = documents([num_tokens], CPU)
    rope = rope_angles(torch.arange(num_tokens), 8, 1e6)
    x_TD = torch.randn(num_tokens, HIDDEN, requires_grad=True)

    def elements(mode: RecomputeMode) -> float:
        run = prepared.runs[mode]
        num_bytes = kept(lambda: block(x_TD, rope, docs, run), [*prepared.parameters(), *rope])
        return num_bytes / 4 / num_tokens

    return [elements(mode) for mode in modes]


@pytest.mark.parametrize("compiled", [False, True])
def test_kept_elements_of_a_token_are_what_the_plan_counts(compiled: bool) -> None:
    """orchestrator/plan/activations.ts; what the reference keeps beside q, k and v is measured."""
    num_tokens = 600
    docs = documents([num_tokens], CPU)
    heads = [torch.randn(num_tokens, n, 8, requires_grad=True) for n in (8, 4, 4)]
    by_attention = kept(lambda: attend(heads[0], heads[1], heads[2], docs), heads)
    full, gate, selective = kept_elements(("full", "gate", "selective"), "qwen2", compiled=compiled)
    assert full == pytest.approx(HIDDEN, abs=0.1)
    # Its output, which the reference copies for the projection that follows, and each score's log-sum-exp.
    beside = by_attention / 4 / num_tokens
    assert beside == pytest.approx(QUERY + 8)
    expected = 2 * HIDDEN + 2 * QUERY + 2 * KEY_VALUE + beside
    assert selective == pytest.approx(expected, abs=0.1)
    assert gate == pytest.approx(expected + FEED_FORWARD, abs=0.1)


@pytest.mark.parametrize("compiled", [False, True])
def test_norms_of_queries_and_keys_keep_only_where_nothing_is_computed_again(compiled: bool) -> None:
    """As the plan counts: projections, heads' scales and, where they are not compiled, what was scaled."""
    modes: tuple[RecomputeMode, ...] = ("none", "gate", "selective")
    normed, plain = (kept_elements(modes, family, compiled=compiled) for family in ("qwen3", "llama"))
    more = [one - other for one, other in zip(normed, plain, strict=True)]
    by_heads = (1 if compiled else 2) * (QUERY + KEY_VALUE) + 8 + 4
    assert more == pytest.approx([by_heads, 0, 0], abs=0.1)


def compiled_on_rank() -> list[tuple[str, float, int]]:
    """Of each layout and mode the largest difference of compiled, sharded blocks that exchange heads from
    eager ones, relative to the tensor's largest entry; and the graphs so far.
    """
    dist.init_process_group("gloo")
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    compiled = model(attend=exchanged(attend, mesh.get_group()))
    recompute(compiled, MODES)
    compile_blocks(compiled)
    for layer in compiled.model.layers:
        fully_shard(layer, mesh=mesh)
    fully_shard(compiled, mesh=mesh)
    found: list[tuple[str, float, int]] = []
    for lengths in LAYOUTS:
        own = batch(lengths, dist.get_rank(), dist.get_world_size())
        by_graph = compiled.runs
        recompute(compiled, ["none"])
        eager = learnt(compiled, own)
        compiled.runs = by_graph
        for mode in MODES:
            pairs = zip(learnt(compiled, own, mode), eager, strict=True)
            difference = max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)
            found.append((mode, difference, num_graphs()))
    dist.destroy_process_group()
    return found


def test_two_graphs_a_mode_serve_all_layouts_with_shards_and_exchanges() -> None:
    assert len({sum(lengths) for lengths in LAYOUTS}) >= 5 and len({len(lengths) for lengths in LAYOUTS}) >= 4
    for found in run_ranks(compiled_on_rank, 2, timeout=1500):
        assert all(difference <= 1e-5 for _, difference, _ in found), found
        counts = [graphs for _, _, graphs in found]
        # `gate` and `selective` have their first half in common; `full` runs the graphs of `none` twice.
        assert counts[:4] == [2, 4, 5, 5] and set(counts[4:]) == {5}, counts
