"""Recall, nDCG and PHR as the published comparison counts them, worked out by hand."""

from math import log2

import pytest

from models.training.recognition.measures import Measures, difference, mean, measured

SHOWN = [f"s{i}" for i in range(20)]


def test_recall_is_over_the_basket_and_ndcg_over_the_best_order_of_it() -> None:
    found = measured(SHOWN, {"s0", "s2", "s15", "elsewhere"}, 4)

    assert found.recall_10 == pytest.approx(2 / 4)
    assert found.recall_20 == pytest.approx(3 / 4)
    ideal = 1 + 1 / log2(3) + 1 / log2(4) + 1 / log2(5)
    assert found.ndcg_10 == pytest.approx((1 + 1 / log2(4)) / ideal)
    assert found.phr_10 == 1.0


def test_the_ideal_of_a_large_basket_is_ten_hits() -> None:
    assert measured(SHOWN, set(SHOWN[:10]), 30).ndcg_10 == pytest.approx(1.0)


def test_a_short_or_empty_row_counts_what_is_in_it() -> None:
    assert measured(["s1"], {"s1"}, 1) == Measures(1.0, 1.0, 1.0, 1.0)
    assert measured([], {"s1"}, 1) == Measures(0.0, 0.0, 0.0, 0.0)


def test_means_and_differences_are_over_the_users() -> None:
    before = [Measures(0.0, 0.0, 0.0, 0.0)] * 3
    after = [Measures(r, r, r, r) for r in (0.0, 0.3, 0.6)]

    assert mean(after).recall_10 == pytest.approx(0.3)
    gain = difference(before, after, "recall_10")
    assert gain.mean == pytest.approx(0.3)
    assert 0.0 <= gain.low < gain.mean < gain.high <= 0.6


def test_an_equal_gain_of_every_user_leaves_no_doubt() -> None:
    before = [Measures(r, r, r, r) for r in (0.1, 0.5, 0.9)]
    after = [Measures(r, r, r, r) for r in (0.2, 0.6, 1.0)]

    gain = difference(before, after, "ndcg_10")

    assert gain.low == pytest.approx(0.1)
    assert gain.high == pytest.approx(0.1)
