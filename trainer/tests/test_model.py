"""What the model computes, whoever asks."""

import torch

from trainer.sft.data import store_of
from trainer.sft.model import rope_angles
from trainer.sft.pack import pack
from trainer.sft.template import Sample
from trainer.tests.spread import VOCABULARY, Way, samples, whole_model

CPU = torch.device("cpu")


def test_a_change_in_one_document_leaves_the_others_logits_equal_to_the_bit() -> None:
    model = whole_model(Way("packed").spec(tied=False))
    first, *others = samples()
    changed = Sample([(token + 1) % VOCABULARY for token in first.ids], first.num_prompt)
    before, after = (
        model.logits(pack(store_of([sample, *others]), range(8), global_batch=8, device=CPU, multiple=128))
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
