"""The fallback ranks by sales alone and keeps the port's promises."""

from dataclasses import replace

import numpy as np
import pytest

from edge.recommend.popularity import PopularityRanker
from edge.recommend.ranker import Ranker
from tests.fakes.small_model import plain_request

ITEMS = ("tea", "jam", "pen", "bun")
COUNTS = {"tea": 5, "bun": 9, "gone": 100}


def test_items_come_in_the_order_of_sales_and_ties_in_index_order() -> None:
    ranker: Ranker = PopularityRanker.from_counts(ITEMS, COUNTS)
    found = ranker.rank(plain_request(4))

    assert found.items.tolist() == [3, 0, 1, 2]
    assert found.part_names == ranker.part_names == ("popularity",)
    assert np.array_equal(found.parts.sum(axis=1), found.score)


def test_the_score_of_an_average_item_is_zero() -> None:
    ranker = PopularityRanker.from_counts(ITEMS, dict.fromkeys(ITEMS, 7))

    assert ranker.rank(plain_request(4)).score == pytest.approx(np.zeros(4))


def test_what_is_unavailable_or_excluded_is_not_ranked() -> None:
    request = replace(
        plain_request(4),
        available=np.array([True, True, True, False]),
        exclude=np.array([0], dtype=np.int32),
    )

    assert PopularityRanker.from_counts(ITEMS, COUNTS).rank(request).items.tolist() == [1, 2]


def test_a_ranking_is_at_most_256_long() -> None:
    items = [f"sku-{i}" for i in range(300)]

    found = PopularityRanker.from_counts(items, {}).rank(plain_request(300))
    assert len(found.items) == 256


def test_the_digest_tells_rankers_apart() -> None:
    one = PopularityRanker.from_counts(ITEMS, COUNTS)
    other = PopularityRanker.from_counts(ITEMS, {**COUNTS, "tea": 6})

    assert one.digest != other.digest
    assert one.digest == PopularityRanker.from_counts(ITEMS, COUNTS).digest
