"""What two places know of a customer, joined: in any order, any number of times, the same."""

from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from edge.identity.profile import (
    HISTORY_DAYS,
    MAX_PURCHASES,
    Profile,
    Purchase,
    Wishes,
    marked_as_gift,
    with_purchases,
    without_product,
)
from edge.identity.profile_merge import difference, joined

TODAY = 20_500
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SKUS = st.sampled_from(["latte", "tea", "cake"])
DAYS = st.integers(TODAY - HISTORY_DAYS - 2, TODAY + 3)
PURCHASES = st.builds(
    Purchase,
    sku=SKUS,
    day=DAYS,
    count=st.integers(1, 4),
    is_gift=st.booleans(),
    gift_said=st.integers(0, 2),
)
WISHES = st.builds(
    Wishes, starred=st.frozensets(SKUS), muted=st.frozensets(SKUS), surprise=st.just("none")
)
PROFILES = st.builds(
    Profile,
    wishes=WISHES,
    purchases=st.lists(PURCHASES, max_size=8).map(tuple),
    wrong=st.dictionaries(SKUS, DAYS, max_size=2),
    wishes_changed_at=st.none()
    | st.sampled_from([NOON, NOON + timedelta(microseconds=1), NOON + timedelta(days=1)]),
)


def all_of(told: list[Profile]) -> Profile:
    return reduce(lambda one, other: joined(one, other, TODAY), told, Profile())


@given(st.data(), st.lists(PROFILES, max_size=6))
def test_any_order_and_any_repeats_give_the_same(data: st.DataObject, told: list[Profile]) -> None:
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=3)) if told else []
    order = data.draw(st.permutations([*told, *repeats]))

    assert all_of(order) == all_of(told)


@given(PROFILES, PROFILES, PROFILES)
def test_what_was_joined_elsewhere_before_may_come_whole(
    one: Profile, other: Profile, third: Profile
) -> None:
    elsewhere = joined(other, third, TODAY)

    assert joined(joined(one, other, TODAY), third, TODAY) == joined(one, elsewhere, TODAY)


@given(PROFILES, PROFILES)
def test_telling_only_what_changed_tells_all(before: Profile, after: Profile) -> None:
    known = joined(Profile(), before, TODAY)
    changed = joined(known, after, TODAY)

    assert joined(known, difference(known, changed), TODAY) == changed
    assert difference(changed, changed) == Profile()


def test_of_a_product_and_day_the_larger_count_holds() -> None:
    """Two shops on one day, of which neither has heard of the other, are one purchase too few."""
    here = with_purchases(Profile(), [Purchase("latte", TODAY, 2)], TODAY)
    there = with_purchases(Profile(), [Purchase("latte", TODAY, 1)], TODAY)

    assert joined(here, there, TODAY).purchases == (Purchase("latte", TODAY, 2),)


def test_what_was_bought_after_hearing_of_the_other_shop_counts_in_full() -> None:
    here = with_purchases(Profile(), [Purchase("latte", TODAY, 2)], TODAY)
    there = with_purchases(joined(Profile(), here, TODAY), [Purchase("latte", TODAY, 1)], TODAY)

    assert joined(here, there, TODAY).purchases == (Purchase("latte", TODAY, 3),)


def test_whoever_was_told_more_often_is_right_about_a_gift() -> None:
    here = marked_as_gift(
        with_purchases(Profile(), [Purchase("mug", TODAY, 1)], TODAY), "mug", TODAY, is_gift=True
    )
    there = marked_as_gift(joined(Profile(), here, TODAY), "mug", TODAY, is_gift=False)

    assert not joined(here, there, TODAY).purchases[0].is_gift
    assert not joined(there, here, TODAY).purchases[0].is_gift


def test_wrong_takes_away_all_up_to_its_day_and_nothing_later() -> None:
    days = [Purchase("mug", TODAY - 2, 1), Purchase("mug", TODAY, 1), Purchase("tea", TODAY, 1)]
    bought = with_purchases(Profile(), days, TODAY)
    corrected = without_product(Profile(), "mug", TODAY - 1)

    assert [one.day for one in joined(bought, corrected, TODAY).purchases] == [TODAY, TODAY]


def test_the_newer_wish_holds_and_one_of_two_said_at_once_wherever_they_meet() -> None:
    older = Profile(Wishes(starred=frozenset({"tea"})), wishes_changed_at=NOON)
    newer = Profile(Wishes(), wishes_changed_at=NOON + timedelta(seconds=1))
    at_once = Profile(Wishes(muted=frozenset({"tea"})), wishes_changed_at=NOON)

    assert joined(older, newer, TODAY).wishes == Wishes()
    assert joined(older, at_once, TODAY) == joined(at_once, older, TODAY)


def test_what_is_too_old_or_ahead_is_not_taken() -> None:
    days = (TODAY - HISTORY_DAYS, TODAY - HISTORY_DAYS + 1, TODAY + 1, TODAY + 2)
    said = Profile(
        purchases=tuple(Purchase("tea", day, 1) for day in days),
        wrong={"mug": days[0], "cake": days[-1]},
    )

    taken = joined(Profile(), said, TODAY)

    assert [one.day for one in taken.purchases] == [TODAY + 1, TODAY - HISTORY_DAYS + 1]
    assert taken.wrong == {}


def test_the_newest_are_kept_and_no_more_than_fit() -> None:
    lines = tuple(Purchase(f"p{number}", TODAY - number % 50, 1) for number in range(500))
    profile = joined(Profile(purchases=lines[:250]), Profile(purchases=lines[250:]), TODAY)

    assert len(profile.purchases) == MAX_PURCHASES
    assert {one.day for one in profile.purchases} == set(range(TODAY - 19, TODAY + 1))
