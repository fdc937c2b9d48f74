"""What sells now, so coarsely that no single order shows."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.context.trend import MIN_ORDERS, STEP, grid_moment, trend


def test_below_twenty_orders_there_is_no_trend() -> None:
    assert trend([{"tea"}] * 19) == {}
    assert trend([{"tea"}] * 20) == {"tea": 20}


def test_an_item_in_fewer_than_five_orders_does_not_show() -> None:
    orders = [{"tea"}] * 20 + [{"bun"}] * 4

    assert "bun" not in trend(orders)


def test_counts_are_rounded_down_to_multiples_of_five() -> None:
    assert trend([{"tea", "bun"}] * 9 + [{"tea"}] * 15) == {"bun": 5, "tea": 20}


@given(
    st.lists(
        st.frozensets(st.sampled_from("abcdef"), min_size=1),
        min_size=MIN_ORDERS + 1,
        max_size=80,
    ),
    st.integers(0),
)
def test_removing_one_visit_changes_any_count_by_at_most_one_step(
    orders: list[frozenset[str]], which: int
) -> None:
    removed = which % len(orders)
    before = trend(orders)
    after = trend(orders[:removed] + orders[removed + 1 :])

    assert all(
        abs(before.get(sku, 0) - after.get(sku, 0)) <= STEP for sku in before.keys() | after.keys()
    )


@pytest.mark.parametrize(
    ("minute", "mark"), [(0, 0), (9, 0), (10, 10), (59, 50)], ids=["0", "9", "10", "59"]
)
def test_the_clock_of_the_trend_ticks_every_ten_minutes(minute: int, mark: int) -> None:
    at = datetime(2026, 3, 1, 12, minute, 30, tzinfo=UTC)

    assert grid_moment(at) == datetime(2026, 3, 1, 12, mark, tzinfo=UTC)
