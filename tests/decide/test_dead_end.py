"""No row of five or more is of one kind, or of nothing but what was bought before."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from edge.catalog.product import Product
from edge.decide.dead_end import FROM_SLOTS, opened
from edge.decide.values import Reason
from tests.fakes import shop


@dataclass(frozen=True)
class One:
    """A candidate in short."""

    product: Product
    reason: Reason | None


def one(category: str, reason: Reason = Reason.TIME_OF_DAY) -> One:
    return One(shop.product(f"p-{category}", category), reason)


PAST = Reason.PAST_ORDERS_HERE
REASONS = st.sampled_from([Reason.TIME_OF_DAY, PAST, Reason.YOUR_USUAL, Reason.STATED_TASTE])
ROWS = st.lists(st.builds(one, st.sampled_from(["a", "b", "c"]), REASONS), max_size=9)


def is_past(found: One) -> bool:
    return found.reason in (PAST, Reason.YOUR_USUAL)


@given(ROWS, ROWS)
def test_a_long_row_has_two_categories_and_one_thing_that_is_not_past_where_there_is_one(
    chosen: list[One], others: list[One]
) -> None:
    row = opened(chosen, lambda: others)

    assert len(row) <= len(chosen)
    if len(row) >= FROM_SLOTS:
        assert not all(is_past(each) for each in row)
        if any(each.product.category != row[0].product.category for each in [*chosen, *others]):
            fits = {each.product.category for each in row if not is_past(each)}
            assert len({each.product.category for each in row}) >= 2 or len(fits) == 1


def test_the_last_place_goes_to_another_category() -> None:
    coffees = [one("coffee")] * 5

    assert opened(coffees, lambda: [one("coffee"), one("cake")])[-1].product.category == "cake"
    assert opened(coffees, lambda: [one("coffee")]) == coffees  # all there is


def test_a_row_of_nothing_but_the_past_is_cut_where_nothing_else_is_to_be_had() -> None:
    usual = [one("a", PAST), one("b", PAST), one("a", PAST), one("b", PAST), one("c", PAST)]

    assert opened(usual, lambda: [one("c", PAST)]) == usual[:4]
    assert opened(usual, lambda: [one("c")])[-1].reason is Reason.TIME_OF_DAY


def test_the_only_thing_that_is_not_past_keeps_its_place() -> None:
    coffees = [*[one("coffee", PAST)] * 4, one("coffee")]
    row = opened(coffees, lambda: [one("cake", PAST)])

    assert [each.product.category for each in row] == [*["coffee"] * 3, "cake", "coffee"]
    assert row[-1].reason is Reason.TIME_OF_DAY


def test_short_rows_may_be_of_one_kind() -> None:
    def never() -> list[One]:
        raise AssertionError

    assert len(opened([one("coffee", PAST)] * 4, never)) == 4
