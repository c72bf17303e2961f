"""What is filled up for attention's kernels changes nothing that is learnt, and which kernel may be taken."""

from functools import partial
from types import ModuleType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.attention import SDPBackend, varlen

from trainer.sft import attention
from trainer.sft.attention import attend_each, attend_varlen, documents, workspace_bytes
from trainer.sft.data import TokenStore, store_of
from trainer.sft.model import CausalLM
from trainer.sft.pack import pack
from trainer.sft.template import Sample
from trainer.spec import Architecture

CPU = torch.device("cpu")
ARCHITECTURE = Architecture(2, 32, 4, 2, 8, 48, False, 1e6, 1e-6, 512)
VOCABULARY = 97


def by_offsets(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    cu_seq_q: Tensor,
    cu_seq_k: Tensor,
    max_q: int,
    max_k: int,
    *,
    window_size: tuple[int, int] = (-1, -1),
    enable_gqa: bool = False,
) -> Tensor:
    """What a kernel of variable lengths is told, and no more; as cuDNN before 9.25, no empty document."""
    lengths = cu_seq_q.diff()
    assert cu_seq_q is cu_seq_k and window_size == (-1, 0) and enable_gqa
    assert lengths.min() >= 1 and lengths.max() <= max_q == max_k
    return attend_each(query, key, value, documents(lengths.tolist(), CPU))


def learnt(store: TokenStore, *, multiple: int, document_multiple: int) -> list[Tensor]:
    """The loss of one step over all samples, and its gradients."""
    torch.manual_seed(0)
    model = CausalLM(ARCHITECTURE, VOCABULARY, attend=partial(attend_varlen, by_offsets))
    batch = pack(
        store,
        range(len(store.index)),
        global_batch=len(store.index),
        device=CPU,
        multiple=multiple,
        document_multiple=document_multiple,
    )
    assert len(batch.ids_T) % multiple == 0 == (len(batch.docs.cu_seqlens) - 1) % document_multiple
    loss, _ = model(batch)
    return [loss.detach(), *torch.autograd.grad(loss, list(model.parameters()))]


@settings(max_examples=10)
@given(
    shapes=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 60)), min_size=1, max_size=9),
    multiple=st.sampled_from([16, 64, 128]),
    document_multiple=st.sampled_from([1, 4, 16]),
)
def test_a_step_that_is_filled_up_has_the_loss_and_the_gradients_of_its_samples(
    shapes: list[tuple[int, int]], multiple: int, document_multiple: int
) -> None:
    store = store_of(
        [
            Sample([(7 * place + 3 * index) % VOCABULARY for place in range(prompt + labels)], prompt)
            for index, (prompt, labels) in enumerate(shapes)
        ]
    )
    alone = learnt(store, multiple=1, document_multiple=1)
    filled = learnt(store, multiple=multiple, document_multiple=document_multiple)
    for found, expected in zip(filled, alone, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The kernels that torch takes on a device where cuDNN can do all that it is asked."""
    module: ModuleType = varlen
    if not hasattr(module, "_select_backend"):
        pytest.skip("this release of torch has no second kernel")
    select, kernels = module._select_backend, []

    def selecting(*arguments: Any, **more: Any) -> int:
        kernels.append(select(*arguments, **more))
        return int(kernels[-1])

    monkeypatch.setattr(module, "_cudnn_rejection_reasons", lambda *_: [])
    monkeypatch.setattr(module, "_select_backend", selecting)
    return kernels


def attend_on_hopper(lengths: list[int], *, at_most: int, num_query: int, num_kv: int) -> None:
    docs = documents(lengths, CPU, at_most=at_most)
    with FakeTensorMode() as fake:
        q_TNH, k_TKH, v_TKH = (
            torch.empty(sum(lengths), heads, 128, dtype=torch.bfloat16, device="cuda")
            for heads in (num_query, num_kv, num_kv)
        )
        offsets = fake.from_tensor(docs.offsets)
        on_device = attention.Documents(docs.cu_seqlens, docs.longest, docs.at_most, offsets, None)
        attend_varlen(varlen.varlen_attn, q_TNH, k_TKH, v_TKH, on_device)


def test_cudnn_is_left_to_torch_where_its_workspace_is_small(taken: list[int]) -> None:
    """A group of s1K's samples on one of eight ranks."""
    attend_on_hopper([5000] * 8 + [250] * 4, at_most=9100, num_query=5, num_kv=1)
    assert taken == [SDPBackend.CUDNN_ATTENTION.value]


def test_flash_attention_is_taken_where_cudnn_would_fill_many_documents_up(taken: list[int]) -> None:
    attend_on_hopper([500] * 99 + [30_000], at_most=32_768, num_query=5, num_kv=1)
    assert taken == [SDPBackend.FLASH_ATTENTION.value]


def test_a_workspace_is_three_sums_over_documents_as_long_as_the_longest() -> None:
    docs = documents([100, 300, 200], CPU, at_most=512)
    assert workspace_bytes(docs, num_heads=5, head_size=128) == 3 * (3 * 512) * 5 * 128 * 4
