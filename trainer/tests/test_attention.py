import pytest
import torch
from torch import Tensor

from trainer.sft.attention import Documents, attend, attend_each, documents

CPU = torch.device("cpu")


def heads(num_tokens: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = (torch.randn(num_tokens, n, 8, generator=generator, requires_grad=True) for n in (4, 2, 2))
    return q, k, v


def by_definition(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
    """Softmax over a full score matrix with a block-diagonal causal mask."""
    bounds = torch.tensor(docs.cu_seqlens[1:])
    document_T = torch.searchsorted(bounds, torch.arange(len(q_TNH)), right=True)
    mask_TT = (document_T[:, None] == document_T[None]).tril()
    groups = q_TNH.shape[1] // k_TKH.shape[1]
    k_TNH, v_TNH = k_TKH.repeat_interleave(groups, 1), v_TKH.repeat_interleave(groups, 1)
    scores_NTT = torch.einsum("qnh,knh->nqk", q_TNH, k_TNH) / q_TNH.shape[-1] ** 0.5
    return torch.einsum("nqk,knh->qnh", scores_NTT.masked_fill(~mask_TT, -torch.inf).softmax(-1), v_TNH)


@pytest.mark.parametrize("lengths", [[1], [7, 1, 20], [60] * 8, [3, 100, 100]])
@pytest.mark.parametrize("form", [attend, attend_each])
def test_each_form_equals_the_definition_with_its_gradients(lengths: list[int], form: object) -> None:
    docs = documents(lengths, CPU)
    assert docs.padded_T is not None
    results = []
    for function in (form, by_definition):
        inputs = heads(sum(lengths))
        out = function(*inputs, docs)  # type: ignore[operator]
        results.append([out, *torch.autograd.grad((out**2).sum(), inputs)])
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_long_or_uneven_documents_are_not_padded() -> None:
    assert documents([600, 600], CPU).padded_T is None
    assert documents([500] + [1] * 20, CPU).padded_T is None


@pytest.mark.parametrize("lengths", [[30, 20, 40], [600, 20, 40]])
def test_a_change_in_one_document_leaves_the_others_equal_to_the_bit(lengths: list[int]) -> None:
    docs = documents(lengths, CPU)
    q, k, v = (x.detach() for x in heads(sum(lengths)))
    before = attend(q, k, v, docs)
    for x in (q, k, v):
        x[: lengths[0]] += 1.0
    after = attend(q, k, v, docs)
    assert torch.equal(before[lengths[0] :], after[lengths[0] :])
    assert not torch.equal(before[: lengths[0]], after[: lengths[0]])
