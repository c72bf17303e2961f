"""Every way to spread a step against transformers' model, which sees one sample at a time: the oracle.

docs/parity.md shows the figures: STINT_WRITE_DOCS=1 writes it.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor
from torch.distributed.tensor import DTensor

from trainer.family import FAMILIES, ModelType
from trainer.sft.data import store_of
from trainer.sft.layout import lay_out, token_multiple
from trainer.sft.model import CausalLM
from trainer.sft.pack import pack
from trainer.sft.parallelize import parallelize
from trainer.sft.plan import Row
from trainer.sft.ranks import Ranks, join_ranks
from trainer.sft.weights import fill
from trainer.spec import JobSpec
from trainer.tests.dist import run_ranks
from trainer.tests.spread import VOCABULARY, Way, samples, whole_model

CPU = torch.device("cpu")
BOUND = 1e-5
Table = dict[str, list[tuple[float, float]]]
"""By the ways' names: errors of the loss and of the worst gradient, untied and tied."""
DOCUMENT = Path(__file__).parents[2] / "docs" / "parity.md"


WAYS = [
    Way("packed, 1 rank"),
    Way("Ulysses 2, 2 ranks", ranks=2, ulysses=2),
    Way("Ulysses 4, 4 ranks", ranks=4, ulysses=4),
    Way("FSDP 2", ranks=2),
    Way("FSDP 4", ranks=4),
    Way("Ulysses 2 x FSDP 4", ranks=4, ulysses=2),
    Way("FSDP 2 x 2 replicas", ranks=4, nodes=2, hybrid=True),
    Way("Ulysses 2 x FSDP 2 x 2 replicas", ranks=4, nodes=2, ulysses=2, hybrid=True),
    Way("Ulysses 2, selective recompute", ranks=2, ulysses=2, recompute="selective"),
    Way("Ulysses 2, full recompute", ranks=2, ulysses=2, recompute="full"),
    Way("Ulysses 2, selective recompute, compiled", ranks=2, ulysses=2, recompute="selective", compiled=True),
    Way("Qwen3: packed, 1 rank", model_type="qwen3"),
    Way(
        "Qwen3: Ulysses 2 x FSDP 4, gate recompute", ranks=4, ulysses=2, recompute="gate", model_type="qwen3"
    ),
    Way(
        "Qwen3: FSDP 2 x 2 replicas, full recompute",
        ranks=4,
        nodes=2,
        hybrid=True,
        recompute="full",
        model_type="qwen3",
    ),
    Way(
        "Qwen3: Ulysses 2, selective recompute, compiled",
        ranks=2,
        ulysses=2,
        recompute="selective",
        compiled=True,
        model_type="qwen3",
    ),
    Way("Llama: packed, 1 rank", model_type="llama"),
    Way("Llama: Ulysses 2 x FSDP 4", ranks=4, ulysses=2, model_type="llama"),
    Way("Mistral: packed, 1 rank", model_type="mistral"),
]


def oracle(model: CausalLM) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM

    arch = model.model.arch
    config = AutoConfig.for_model(
        arch.model_type,
        vocab_size=VOCABULARY,
        hidden_size=arch.hidden_size,
        intermediate_size=arch.feed_forward_size,
        num_hidden_layers=arch.layers,
        num_attention_heads=arch.query_heads,
        num_key_value_heads=arch.key_value_heads,
        head_dim=arch.head_size,
        max_position_embeddings=512,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings=arch.tied_embeddings,
        **FAMILIES[arch.model_type].settings,
    )
    reference = AutoModelForCausalLM.from_config(config)
    reference.set_attn_implementation("eager")
    missing, unexpected = reference.load_state_dict(model.state_dict(), strict=False)
    assert missing == (["lm_head.weight"] if arch.tied_embeddings else []) and not unexpected
    reference.tie_weights()
    return reference


@cache
def expected(model_type: ModelType, tied: bool) -> dict[str, Tensor]:
    """Loss (mean over samples of each sample's token mean) and gradients."""
    model = whole_model(Way("whole", model_type=model_type).spec(tied=tied))
    reference = oracle(model)
    losses = []
    for sample in samples():
        ids = torch.tensor([sample.ids])
        labels = ids.clone()
        labels[0, : sample.num_prompt] = -100
        losses.append(reference(input_ids=ids, labels=labels).loss)
    loss = torch.stack(losses).mean()
    loss.backward()
    gradients = dict(reference.named_parameters())
    return {"loss": loss.detach(), **{name: gradients[name].grad for name, _ in model.named_parameters()}}


def found_on_rank(way: Way) -> tuple[bytes, bytes]:
    """This rank's share of the loss and all gradients, of the untied and of the tied model."""
    ranks = join_ranks(way.spec(tied=False))
    untied, tied = (save(_step(way.spec(tied=tied), ranks)) for tied in (False, True))
    torch.distributed.destroy_process_group()
    return untied, tied


def _step(spec: JobSpec, ranks: Ranks) -> dict[str, Tensor]:
    whole = whole_model(spec).state_dict()
    with torch.device("meta"):
        model = CausalLM(spec.recipe.model.architecture, VOCABULARY)
    parallelize(model, spec, ranks)
    model.to_empty(device=CPU)
    fill(
        model,
        lambda name, _shape, start, end: whole[name][start:end],
        shard_index=ranks.shard_index,
        num_shards=ranks.num_shards,
    )
    store = store_of(samples())
    layout = lay_out(Row(step=1, epoch=0, samples=tuple(range(8))), store, spec)
    batch = pack(
        store,
        layout.groups[ranks.group_index],
        global_batch=8,
        device=CPU,
        multiple=token_multiple(spec),
        share=ranks.index_in_group,
        num_shares=ranks.group_size,
    )
    loss, _ = model(batch, layout.recompute)
    loss.backward()
    gradients = {name: whole_gradient(parameter) for name, parameter in model.named_parameters()}
    return {"loss": loss.detach(), **gradients}


def whole_gradient(parameter: Tensor) -> Tensor:
    assert isinstance(parameter.grad, DTensor)
    return parameter.grad.full_tensor()


def errors(way: Way) -> Iterator[tuple[float, float]]:
    """Of the loss, and of the worst gradient relative to its tensor's largest entry; untied, then tied."""
    by_rank = run_ranks(found_on_rank, way.ranks, way, timeout=400)
    for place, tied in enumerate((False, True)):
        ranks = [load(found[place]) for found in by_rank]
        wanted = dict(expected(way.model_type, tied))
        loss = float(wanted.pop("loss"))
        worst = max(
            float((rank[name] - gradient).abs().max() / gradient.abs().max())
            for rank in ranks
            for name, gradient in wanted.items()
        )
        yield abs(sum(float(rank["loss"]) for rank in ranks) - loss) / loss, worst


@pytest.fixture(scope="module")
def table() -> Table:
    """Filled by the tests of the ways."""
    return {}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_loss_and_every_gradient_equal_those_of_transformers_one_sample_at_a_time(
    way: Way, table: Table
) -> None:
    found = list(errors(way))
    for loss, gradient in found:
        assert loss <= BOUND and gradient <= BOUND, found
    table[way.name] = found


def test_the_document_shows_every_way_and_the_bound(table: Table) -> None:
    if os.environ.get("STINT_WRITE_DOCS") == "1" and len(table) == len(WAYS):
        DOCUMENT.write_text(document(table), encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")][2:]
    assert rows == [way.name for way in WAYS]
    assert f"{BOUND:.0e}" in text


def document(rows: Table) -> str:
    lines = [
        "# Parity with transformers",
        "",
        "The same 8 samples and weights went through `transformers`' Qwen2, or the model that a row names,",
        "one sample at a time with the mean of their losses, and through Stint's trainer, packed and spread",
        "as each row says (fp32 on processors, 3 layers, 8 query and 4 key/value heads). Errors are",
        "relative: a loss's to the loss, a gradient's largest difference to the largest entry of its tensor,",
        f"of the worst tensor; none may be above {BOUND:.0e}.",
        "",
        "| spread as | loss, untied | gradients, untied | loss, tied | gradients, tied |",
        "| --- | --- | --- | --- | --- |",
    ]
    for way in WAYS:
        figures = " | ".join(f"{figure:.1e}" for pair in rows[way.name] for figure in pair)
        lines.append(f"| {way.name} | {figures} |")
    command = "STINT_WRITE_DOCS=1 .venv/bin/python -m pytest trainer/tests/test_parity.py"
    lines += ["", f"`{command}` measures again and writes this page; figures vary by machine.", ""]
    return "\n".join(lines)
