"""What a profile keeps: the newest purchases, as the customer says they are."""

from hypothesis import given
from hypothesis import strategies as st

from edge.identity.profile import (
    HISTORY_DAYS,
    MAX_PURCHASES,
    Profile,
    Purchase,
    marked_as_gift,
    merged_purchases,
    with_purchases,
    without_product,
)

TODAY = 20_500
PURCHASES = st.lists(
    st.builds(
        Purchase,
        sku=st.sampled_from(["latte", "tea", "cake"]),
        day=st.integers(TODAY - 120, TODAY),
        count=st.integers(1, 4),
    ),
    max_size=30,
)


def test_two_orders_of_a_day_are_one_purchase_of_both() -> None:
    once = with_purchases(Profile(), [Purchase("latte", TODAY, 1)], TODAY)

    assert with_purchases(once, [Purchase("latte", TODAY, 2)], TODAY).purchases == (
        Purchase("latte", TODAY, 3),
    )


def test_a_purchase_older_than_its_retention_is_dropped() -> None:
    old = Purchase("latte", TODAY - HISTORY_DAYS, 1)

    assert with_purchases(Profile(), [old], TODAY).purchases == ()


@given(PURCHASES)
def test_purchases_are_newest_first_one_per_product_and_day_and_bounded(
    bought: list[Purchase],
) -> None:
    kept = with_purchases(Profile(), bought, TODAY).purchases

    assert [p.day for p in kept] == sorted((p.day for p in kept), reverse=True)
    assert len({(p.sku, p.day) for p in kept}) == len(kept) <= MAX_PURCHASES


@given(PURCHASES, PURCHASES)
def test_hearing_the_same_from_central_twice_changes_nothing(
    own: list[Purchase], said: list[Purchase]
) -> None:
    once = merged_purchases(with_purchases(Profile(), own, TODAY), said, TODAY)

    assert merged_purchases(once, said, TODAY) == once


def test_a_gift_stays_a_gift_when_more_of_it_is_bought_that_day() -> None:
    profile = with_purchases(Profile(), [Purchase("mug", TODAY, 1)], TODAY)
    gift = marked_as_gift(profile, "mug", TODAY, is_gift=True)

    assert with_purchases(gift, [Purchase("mug", TODAY, 1)], TODAY).purchases == (
        Purchase("mug", TODAY, 2, is_gift=True),
    )


def test_only_the_named_purchase_becomes_a_gift() -> None:
    days = [Purchase("mug", TODAY - n, 1) for n in range(3)]
    profile = marked_as_gift(with_purchases(Profile(), days, TODAY), "mug", TODAY - 1, is_gift=True)

    assert [p.is_gift for p in profile.purchases] == [False, True, False]


def test_what_is_wrong_is_as_if_it_had_never_been_bought() -> None:
    bought = [Purchase("mug", TODAY, 1), Purchase("tea", TODAY, 1)]

    assert without_product(with_purchases(Profile(), bought, TODAY), "mug", TODAY).purchases == (
        Purchase("tea", TODAY, 1),
    )


def test_what_is_wrong_stays_wrong_when_central_says_it_again_until_it_is_bought_anew() -> None:
    bought = [Purchase("mug", TODAY - 2, 1)]
    corrected = without_product(with_purchases(Profile(), bought, TODAY), "mug", TODAY)

    assert merged_purchases(corrected, bought, TODAY).purchases == ()
    later = Purchase("mug", TODAY + 1, 1)
    assert merged_purchases(corrected, [*bought, later], TODAY + 1).purchases == (later,)
