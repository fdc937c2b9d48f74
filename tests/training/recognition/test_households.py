"""Households are split by user, and asked about their last basket with what came before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from models.training.datasets import DatasetContractError
from models.training.recognition.households import (
    Basket,
    Household,
    cases,
    of_products,
    read_purchases,
    split_households,
)
from tests.fakes.small_households import write_households

NOON = datetime(2017, 3, 1, 12, tzinfo=UTC)


def household(*sizes: int) -> Household:
    baskets = (
        Basket(NOON + timedelta(days=day), tuple(f"p{i}" for i in range(size)), size)
        for day, size in enumerate(sizes)
    )
    return Household("h", tuple(baskets))


def test_baskets_are_read_oldest_first_in_utc_with_each_product_once(tmp_path: Path) -> None:
    read = read_purchases(write_households(tmp_path, households=3, baskets=4))

    assert [one.name for one in read.households] == ["0", "1", "2"]
    for one in read.households:
        assert [b.at for b in one.baskets] == sorted(b.at for b in one.baskets)
        assert all(b.at.tzinfo is UTC and b.size == len(set(b.items)) for b in one.baskets)
    assert set(read.prices.values()) == {2.5}


def test_lines_without_a_sale_are_no_purchases(tmp_path: Path) -> None:
    path = write_households(tmp_path, households=2, baskets=3)
    table = pl.read_parquet(path)
    table.with_columns(
        quantity=pl.when(pl.col("household_id") == 0).then(0).otherwise(1)
    ).write_parquet(path)

    assert [one.name for one in read_purchases(path).households] == ["1"]


def test_a_file_of_other_columns_is_told_what_was_wanted(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path)

    with pytest.raises(DatasetContractError, match="wanted Parquet with the columns household_id"):
        read_purchases(path)


def test_a_fifth_of_the_users_tests_and_a_tenth_of_the_others_validates() -> None:
    users = [Household(str(n), ()) for n in range(100)]

    split = split_households(users, seed=1)

    assert (len(split.train), len(split.validation), len(split.test)) == (72, 8, 20)
    assert {u.name for part in (split.train, split.validation, split.test) for u in part} == {
        str(n) for n in range(100)
    }
    assert split == split_households(users, seed=1)
    assert split.test != split_households(users, seed=2).test


def test_the_last_basket_is_asked_for_and_only_what_came_before_is_known() -> None:
    (case,) = cases([household(4, 4, 4, 2)])

    assert case.target.size == 2
    assert [b.size for b in case.before] == [4, 4, 4]
    assert all(b.at < case.target.at for b in case.before)


def test_a_history_of_fewer_than_ten_lines_is_not_asked_about() -> None:
    assert cases([household(4, 5, 2)]) == []
    assert len(cases([household(5, 5, 2)])) == 1


def test_more_baskets_of_a_household_have_each_their_own_past() -> None:
    found = cases([household(10, 1, 1, 1)], last=2)

    assert [len(case.before) for case in found] == [2, 3]


def test_products_that_the_shop_lacks_are_left_out_and_still_counted() -> None:
    (kept,) = of_products([household(3, 1)], {"p2": "milk"})

    assert [basket.items for basket in kept.baskets] == [("milk",), ()]
    assert [basket.size for basket in kept.baskets] == [3, 1]
