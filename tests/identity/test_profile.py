"""What a profile keeps: the newest purchases, as the customer says they are."""

from hypothesis import given
from hypothesis import strategies as st

from edge.identity.profile import (
    HISTORY_DAYS,
    MAX_PURCHASES,
    Profile,
    Purchase,
    marked_as_gift,
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


def test_a_gift_stays_a_gift_when_more_of_it_is_bought_that_day() -> None:
    profile = with_purchases(Profile(), [Purchase("mug", TODAY, 1)], TODAY)
    gift = marked_as_gift(profile, "mug", TODAY, is_gift=True)

    assert with_purchases(gift, [Purchase("mug", TODAY, 1)], TODAY).purchases == (
        Purchase("mug", TODAY, 2, is_gift=True, gift_said=1),
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


def test_what_is_wrong_is_not_learned_again_that_day_as_at_no_other_device() -> None:
    corrected = without_product(Profile(), "mug", TODAY)

    assert with_purchases(corrected, [Purchase("mug", TODAY, 1)], TODAY).purchases == ()
    later = Purchase("mug", TODAY + 1, 1)
    assert with_purchases(corrected, [later], TODAY + 1).purchases == (later,)


def test_each_change_of_mind_about_a_gift_is_counted_and_a_repeat_is_none() -> None:
    profile = with_purchases(Profile(), [Purchase("mug", TODAY, 1)], TODAY)
    for is_gift, said in ((True, 1), (True, 1), (False, 2), (True, 3)):
        profile = marked_as_gift(profile, "mug", None, is_gift=is_gift)

        assert profile.purchases == (Purchase("mug", TODAY, 1, is_gift=is_gift, gift_said=said),)
