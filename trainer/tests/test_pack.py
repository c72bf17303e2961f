import torch

from trainer.sft.data import store_of
from trainer.sft.pack import pack
from trainer.sft.template import Sample

CPU = torch.device("cpu")


def test_the_drawing_in_the_docstring_is_what_comes_out() -> None:
    store = store_of([Sample([1, 2, 3, 10, 11], 3), Sample([4, 12, 13, 14], 1)])
    batch = pack(store, [0, 1], global_batch=2, device=CPU)
    assert batch.ids_T.tolist() == [1, 2, 3, 10, 11, 4, 12, 13, 14]
    assert batch.positions_T.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3]
    assert batch.targets_T.tolist() == [-100, -100, 10, 11, -100, 12, 13, 14, -100]
    two, three = 1 / (2 * 2), 1 / (2 * 3)
    expected = torch.tensor([0, 0, two, two, 0, three, three, three, 0])
    torch.testing.assert_close(batch.weights_T, expected)
    assert batch.docs.cu_seqlens == (0, 5, 9)


def test_weights_of_all_groups_add_up_to_one_whatever_the_split() -> None:
    store = store_of([Sample(list(range(n + 2)), 2) for n in (1, 7, 30, 200)])
    whole = pack(store, [3, 0, 2, 1], global_batch=4, device=CPU).weights_T.double().sum()
    halves = [
        pack(store, part, global_batch=4, device=CPU).weights_T.double().sum() for part in ([3], [0, 2, 1])
    ]
    torch.testing.assert_close(whole, torch.tensor(1.0).double())
    torch.testing.assert_close(sum(halves), whole)


def test_samples_come_back_from_the_store_as_they_went_in() -> None:
    samples = [Sample([5, 2**32 - 1, 7], 1), Sample([1, 2], 1)]
    store = store_of(samples)
    assert [store.tokens(i).tolist() for i in range(2)] == [sample.ids for sample in samples]
    assert (store.lengths, store.num_labels) == ([3, 2], [2, 1])
