"""Decoding row by row gives what the training forward pass gives over whole sequences."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from trainer.evaluate import cached_decoder
from trainer.evaluate.ask import Ask
from trainer.evaluate.cached_decoder import CachedDecoder, grouped
from trainer.evaluate.load_model import load_model
from trainer.evaluate.own_decoder import generate
from trainer.family import FAMILIES, ModelType
from trainer.sft.attention import documents
from trainer.sft.model import CausalLM
from trainer.sft.pack import PackedBatch
from trainer.spec import Architecture

NUM_TOKENS = 64


def model(*, tied: bool, model_type: ModelType = "qwen2") -> CausalLM:
    torch.manual_seed(0)
    arch = Architecture(
        layers=2,
        hidden_size=32,
        query_heads=4,
        key_value_heads=2,
        head_size=8,
        feed_forward_size=48,
        tied_embeddings=tied,
        rope_theta=10_000.0,
        rms_norm_epsilon=1e-6,
        max_positions=128,
        model_type=model_type,
    )
    built = CausalLM(arch, NUM_TOKENS)
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return built


def reference(built: CausalLM, sequences: list[list[int]]) -> Tensor:
    """Logits after each whole sequence, by the training model's own forward pass."""
    lengths = [len(sequence) for sequence in sequences]
    nothing = torch.zeros(sum(lengths))
    batch = PackedBatch(
        ids_T=torch.tensor([token for sequence in sequences for token in sequence]),
        positions_T=torch.cat([torch.arange(length) for length in lengths]),
        targets_T=nothing.long(),
        weights_T=nothing,
        labelled_R=nothing.long(),
        docs=documents(lengths, torch.device("cpu")),
    )
    with torch.no_grad():
        return built.logits(batch)[torch.tensor(lengths).cumsum(0) - 1]


@pytest.mark.parametrize(
    ("tied", "tokens", "model_type"),
    [
        (True, None, "qwen2"),
        (False, None, "qwen2"),
        (True, 1, "qwen2"),
        (False, 5, "qwen2"),
        (True, 16, "qwen2"),
        (True, None, "qwen3"),
        (False, 5, "qwen3"),
        (True, 16, "llama"),
    ],
)
def test_logits_equal_the_training_forward_while_rows_grow_leave_return_and_are_cut(
    tied: bool, tokens: int | None, model_type: ModelType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`tokens`: about how many go into one pass, when memory is short."""
    if tokens is not None:
        monkeypatch.setattr(cached_decoder, "SCORE_BYTES", tokens * 4 * 4 * 30)
    built, rng = model(tied=tied, model_type=model_type), random.Random(1)
    decoder = CachedDecoder(built, num_rows=6, capacity=60)
    sequences = [[rng.randrange(NUM_TOKENS) for _ in range(rng.randint(1, 12))] for _ in range(6)]
    for turn in range(25):
        rows = sorted(rng.sample(range(6), rng.randint(1, 6)))
        for row in rows:
            if turn % 5 == 4:
                sequences[row] = sequences[row][: rng.randint(1, len(sequences[row]))]
            else:
                sequences[row] += [rng.randrange(NUM_TOKENS) for _ in range(rng.choice((1, 1, 3)))]
        chosen = [sequences[row] for row in rows]
        torch.testing.assert_close(
            decoder.next_logits(rows, chosen), reference(built, chosen), atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("model_type", FAMILIES)
def test_greedy_tokens_of_each_family_are_those_of_transformers(
    model_type: ModelType, tied: bool, tmp_path: Path
) -> None:
    torch.manual_seed(5)
    config = AutoConfig.for_model(
        model_type,
        vocab_size=NUM_TOKENS,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        tie_word_embeddings=tied,
        eos_token_id=None,
        **FAMILIES[model_type].settings,
    )
    theirs = AutoModelForCausalLM.from_config(config).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    theirs.save_pretrained(tmp_path)
    decoder = CachedDecoder(load_model(tmp_path, torch.device("cpu"), "fp32"), num_rows=2, capacity=60)
    prompts = ((3, 1, 4, 1, 5), (9, 2, 6))
    asks = [(row, Ask(prompt, 40, frozenset())) for row, prompt in enumerate(prompts)]
    for prompt, reply in zip(prompts, generate(decoder, asks), strict=True):
        said = theirs.generate(torch.tensor([prompt]), do_sample=False, max_new_tokens=40)
        assert said[0, len(prompt) :].tolist() == list(reply.tokens)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=12), st.integers(1, 30))
def test_a_pass_holds_no_more_than_it_may_unless_a_row_alone_does(lengths: list[int], most: int) -> None:
    groups = grouped(lengths, most)
    assert [index for group in groups for index in group] == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[index] for index in group) <= most


def test_only_what_is_new_in_a_sequence_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    built = model(tied=True)
    computed: list[int] = []
    embed = built.model.embed_tokens.forward

    def counting(ids_T: Tensor) -> Tensor:
        computed.append(len(ids_T))
        return embed(ids_T)

    monkeypatch.setattr(built.model.embed_tokens, "forward", counting)
    decoder = CachedDecoder(built, num_rows=2, capacity=20)
    decoder.next_logits([0, 1], [[1, 2, 3], [4, 5]])
    decoder.next_logits([0, 1], [[1, 2, 3, 6], [4, 5, 7]])
    decoder.next_logits([0], [[1, 2, 8, 9]])
    decoder.next_logits([1], [[4, 5]])
    assert computed == [5, 2, 2, 1]


def test_an_answer_does_not_begin_with_what_it_may_not_begin_with() -> None:
    decoder = CachedDecoder(model(tied=True), num_rows=2, capacity=20)
    free = Ask((1, 2, 3), 1, frozenset())
    [[first]] = [reply.tokens for reply in generate(decoder, [(0, free)])]
    [[other]] = [
        reply.tokens for reply in generate(decoder, [(1, replace(free, not_first=frozenset({first})))])
    ]
    assert other != first
