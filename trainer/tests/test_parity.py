"""The packed model against transformers' Qwen2, which sees one sample at a time: the oracle."""

from typing import Any

import pytest
import torch
from torch import Tensor

from trainer.sft.data import store_of
from trainer.sft.model import CausalLM, rope_angles
from trainer.sft.pack import pack
from trainer.sft.template import Sample
from trainer.spec import Architecture

CPU = torch.device("cpu")
VOCABULARY = 97


def architecture(tied: bool) -> Architecture:
    return Architecture(3, 32, 4, 2, 8, 48, tied, 1e6, 1e-6, 512)


def samples() -> list[Sample]:
    generator = torch.Generator().manual_seed(1)
    shapes = [(40, 11), (7, 1), (130, 64), (3, 2)]
    return [Sample(torch.randint(0, VOCABULARY, (n,), generator=generator).tolist(), p) for n, p in shapes]


def oracle(model: CausalLM, tied: bool) -> Any:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings=tied,
    )
    reference = Qwen2ForCausalLM(config)
    reference.set_attn_implementation("eager")
    missing, unexpected = reference.load_state_dict(model.state_dict(), strict=False)
    assert missing == (["lm_head.weight"] if tied else []) and not unexpected
    reference.tie_weights()
    return reference


def mean_of_means(reference: Any) -> Tensor:
    losses = []
    for sample in samples():
        ids = torch.tensor([sample.ids])
        labels = ids.clone()
        labels[0, : sample.num_prompt] = -100
        losses.append(reference(input_ids=ids, labels=labels).loss)
    return torch.stack(losses).mean()


@pytest.mark.parametrize("tied", [False, True])
def test_loss_and_every_gradient_equal_those_of_transformers_one_sample_at_a_time(tied: bool) -> None:
    torch.manual_seed(0)
    model = CausalLM(architecture(tied), VOCABULARY)
    # Away from the initial ones and zeros, so that norms and biases are tested too.
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    reference = oracle(model, tied)
    batch = pack(store_of(samples()), [2, 0, 3, 1], global_batch=4, device=CPU)
    loss, _ = model(batch)
    expected = mean_of_means(reference)
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-5)
    loss.backward()
    expected.backward()
    gradients = dict(reference.named_parameters())
    for name, parameter in model.named_parameters():
        wanted = gradients[name].grad
        torch.testing.assert_close(
            parameter.grad, wanted, rtol=1e-4, atol=1e-5 * float(wanted.abs().max()), msg=name
        )


def test_a_change_in_one_document_leaves_the_others_logits_equal_to_the_bit() -> None:
    torch.manual_seed(0)
    model = CausalLM(architecture(False), VOCABULARY)
    first, *others = samples()
    changed = Sample([(token + 1) % VOCABULARY for token in first.ids], first.num_prompt)
    before, after = (
        model.logits(pack(store_of([sample, *others]), range(4), global_batch=4, device=CPU))
        for sample in (first, changed)
    )
    length = len(first.ids)
    assert torch.equal(before[length:], after[length:])
    assert not torch.equal(before[:length], after[:length])


def test_angles_are_exact_at_position_8192_unless_asked_to_round_as_published() -> None:
    positions_T = torch.tensor([8192])
    exact_H = 8192 / 1e6 ** (torch.arange(0, 128, 2).double() / 128)
    cos_TH, _ = rope_angles(positions_T, 128, 1e6)
    torch.testing.assert_close(cos_TH[0, :64].double(), exact_H.cos(), atol=2e-3, rtol=0)
    rounded_TH, _ = rope_angles(positions_T, 128, 1e6, torch.bfloat16)
    assert (rounded_TH[0, :64].double() - exact_H.cos()).abs().max() > 0.5
