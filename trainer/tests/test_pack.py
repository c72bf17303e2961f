import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.sft.data import store_of
from trainer.sft.pack import pack
from trainer.sft.plan import split
from trainer.sft.template import Sample

CPU = torch.device("cpu")


def test_the_drawing_in_the_docstring_is_what_comes_out() -> None:
    store = store_of([Sample([1, 2, 3, 10, 11], 3), Sample([4, 12, 13, 14], 1)])
    batch = pack(store, [0, 1], global_batch=2, device=CPU, multiple=12)
    assert batch.ids_T.tolist() == [1, 2, 3, 10, 11, 4, 12, 13, 14, 0, 0, 0]
    assert batch.positions_T.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 0, 1, 2]
    assert batch.targets_T.tolist() == [-100, -100, 10, 11, -100, 12, 13, 14, *[-100] * 4]
    two, three = 1 / (2 * 2), 1 / (2 * 3)
    expected = torch.tensor([0, 0, two, two, 0, three, three, three, 0, 0, 0, 0])
    torch.testing.assert_close(batch.weights_T, expected)
    assert batch.docs.cu_seqlens == (0, 5, 9, 12)
    assert batch.labelled_R.tolist() == [2, 3, 5, 6, 7]
    second = pack(store, [0, 1], global_batch=2, device=CPU, multiple=12, share=1, num_shares=3)
    assert second.ids_T.tolist() == [11, 4, 12, 13]
    assert second.targets_T.tolist() == [-100, 12, 13, 14]
    assert second.labelled_R.tolist() == [1, 2, 3]
    assert second.docs.cu_seqlens == batch.docs.cu_seqlens
    assert len(pack(store, [0, 1], global_batch=2, device=CPU, multiple=9).ids_T) == 9


@given(
    shapes=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 300)), min_size=4, max_size=16),
    num_groups=st.sampled_from([1, 2, 4]),
    shared=st.sampled_from([1, 2, 8]),
    tile=st.sampled_from([1, 128]),
)
def test_weights_of_all_ranks_add_up_to_one_and_shares_are_equal(
    shapes: list[tuple[int, int]], num_groups: int, shared: int, tile: int
) -> None:
    store = store_of([Sample(list(range(prompt + labels)), prompt) for prompt, labels in shapes])
    batch = len(shapes)
    groups = split(range(batch), store.lengths, num_groups)
    total, num_labelled = 0.0, 0
    for samples in groups:
        whole = pack(store, samples, global_batch=batch, device=CPU, multiple=shared * tile)
        ranks = [
            pack(
                store,
                samples,
                global_batch=batch,
                device=CPU,
                multiple=shared * tile,
                share=index,
                num_shares=shared,
            )
            for index in range(shared)
        ]
        assert {len(rank.ids_T) for rank in ranks} == {len(whole.ids_T) // shared}
        assert len(whole.ids_T) % (shared * tile) == 0
        assert torch.equal(torch.cat([rank.targets_T for rank in ranks]), whole.targets_T)
        total += sum(float(rank.weights_T.double().sum()) for rank in ranks)
        for rank in ranks:
            assert torch.equal(rank.labelled_R, (rank.targets_T != -100).nonzero().squeeze(1))
        num_labelled += sum(len(rank.labelled_R) for rank in ranks)
    assert abs(total - 1) < 1e-6
    assert num_labelled == sum(store.num_labels)


def test_samples_come_back_from_the_store_as_they_went_in() -> None:
    samples = [Sample([5, 2**32 - 1, 7], 1), Sample([1, 2], 1)]
    store = store_of(samples)
    assert [store.tokens(i).tolist() for i in range(2)] == [sample.ids for sample in samples]
    assert (store.lengths, store.num_labels) == ([3, 2], [2, 1])
