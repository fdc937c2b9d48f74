"""Purchases as the model takes them, and the few that stand for somebody's taste."""

import math

import numpy as np

from edge.decide.history import MOST_AT_ONCE, MOST_PURCHASES, favourites, history
from edge.decide.values import Bought
from tests.fakes.regular import regular

ITEM_OF = {"tea": 0, "latte": 1, "bun": 2}


def test_a_count_is_as_many_purchases_newest_first() -> None:
    items, ages = history([Bought("bun", 9.0, 1), Bought("tea", 2.0, 3)], ITEM_OF)

    assert items.tolist() == [0, 0, 0, 2]
    assert ages.tolist() == [2.0, 2.0, 2.0, 9.0]
    assert [items.dtype, ages.dtype] == [np.dtype(np.int32), np.dtype(np.float32)]


def test_what_the_model_does_not_know_is_left_out() -> None:
    items, ages = history([Bought("caviar", 1.0, 1)], ITEM_OF)

    assert (items.tolist(), ages.tolist()) == ([], [])


def test_a_round_for_the_office_counts_as_few_purchases() -> None:
    items, _ = history([Bought("tea", 1.0, 500)], ITEM_OF)

    assert len(items) == MOST_AT_ONCE


def test_a_long_history_is_cut_to_its_newest_purchases() -> None:
    items, ages = history([Bought("tea", float(day), 10) for day in range(90)], ITEM_OF)

    assert len(items) == len(ages) == MOST_PURCHASES
    assert ages.max() < 30


def test_days_that_are_no_days_break_no_model() -> None:
    bought = [Bought("tea", math.nan, 1), Bought("bun", -3.0, 1), Bought("latte", math.inf, 1)]
    items, ages = history(bought, ITEM_OF)

    assert (items.tolist(), ages.tolist()) == ([2], [0.0])
    assert favourites(regular(*bought), set()) == ("bun",)


def test_favourites_are_what_is_starred_and_bought_most_of_late() -> None:
    known = regular(
        Bought("tea", 60.0, 4),  # counts as one
        Bought("bun", 0.0, 3),
        Bought("latte", 0.0, 1),
        starred=("scone", "latte"),
    )

    assert favourites(known, set()) == ("bun", "latte", "scone", "tea")


def test_a_muted_product_stands_for_nothing() -> None:
    assert favourites(regular(Bought("tea", 0.0, 9), starred=("bun",)), {"tea"}) == ("bun",)


def test_there_are_few_favourites_however_many_stars() -> None:
    found = favourites(regular(starred=("f", "e", "d", "c", "b", "a")), set())

    assert found == ("a", "b", "c", "d")
