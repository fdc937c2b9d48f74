"""Ids from outside are checked before a graph sees them."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.recommend.ranker import cut_to_catalog, known_items
from tests.fakes.small_model import plain_request


def test_ids_outside_the_catalog_are_dropped_and_counted() -> None:
    kept, dropped = known_items([3, -1, 0, 5, 4], 5)

    assert kept.tolist() == [3, 0, 4]
    assert kept.dtype == np.int32
    assert dropped == 2


@given(st.lists(st.integers(-3, 12)), st.integers(0, 10))
def test_what_is_kept_is_distinct_and_within_the_catalog(ids: list[int], size: int) -> None:
    kept, dropped = known_items(ids, size)

    assert set(kept.tolist()) == {i for i in ids if 0 <= i < size}
    assert len(set(kept.tolist())) == len(kept)
    assert dropped == sum(not 0 <= i < size for i in ids)


def test_a_request_is_cut_to_its_catalog_with_ages_beside_their_purchases() -> None:
    request = replace(
        plain_request(5),
        history=np.array([9, 1, 1, -2, 4], dtype=np.int32),
        history_age=np.array([1, 2, 3, 4, -5], dtype=np.float32),
        basket=np.array([2, 2, 7], dtype=np.int32),
        exclude=np.array([-1, 2], dtype=np.int32),
    )

    cut, dropped = cut_to_catalog(request)

    assert cut.history.tolist() == [1, 1, 4]
    assert cut.history_age.tolist() == [2, 3, 0]
    assert cut.basket.tolist() == [2]
    assert cut.exclude.tolist() == [2]
    assert dropped == 4
