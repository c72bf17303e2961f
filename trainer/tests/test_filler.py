from hypothesis import given
from hypothesis import strategies as st

from trainer.sft.filler import filler_lengths


@given(
    lengths=st.lists(st.integers(1, 5000), min_size=1, max_size=40),
    multiple=st.sampled_from([1, 8, 128, 1024]),
    document_multiple=st.sampled_from([1, 4, 16]),
)
def test_tokens_and_documents_come_in_whole_multiples_and_no_filler_is_empty_or_long(
    lengths: list[int], multiple: int, document_multiple: int
) -> None:
    filler = filler_lengths(lengths, multiple=multiple, document_multiple=document_multiple)
    assert sum(lengths + filler) % multiple == 0
    assert len(lengths + filler) % document_multiple == 0
    assert len(filler) <= document_multiple
    assert sum(filler) < document_multiple + multiple
    assert not filler or (min(filler) >= 1 and max(filler) - min(filler) <= 1)
    assert max(filler, default=0) <= multiple
    # Nothing fewer would do.
    assert filler_lengths(lengths + filler, multiple=multiple, document_multiple=document_multiple) == []


@given(lengths=st.lists(st.integers(1, 5000), min_size=1, max_size=40), multiple=st.integers(1, 2000))
def test_where_documents_do_not_count_one_fills_up(lengths: list[int], multiple: int) -> None:
    missing = -sum(lengths) % multiple
    assert filler_lengths(lengths, multiple=multiple, document_multiple=1) == ([missing] if missing else [])
