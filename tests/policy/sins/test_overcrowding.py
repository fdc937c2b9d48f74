"""Overcrowding: enough is enough, over all channels together."""

from dataclasses import replace

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.contacts import Contacts
from edge.policy.scene import Fact
from edge.policy.sins.overcrowding import judge, most_personal
from tests.fakes.scenes import DAY, HISTORY, HOUR, KIOSK, PHONE, considered, known_on, offer

NOW = PHONE.at
PERSONAL = considered(None, HISTORY)


def test_six_personal_offers_a_day_are_enough_whatever_channel_they_came_by() -> None:
    five = known_on(PHONE, contacts=Contacts(personal=(NOW - HOUR,) * 5))
    six = known_on(PHONE, contacts=Contacts(personal=(NOW - HOUR,) * 6))

    assert judge(PERSONAL, five, SHIPPED) is None
    found = judge(PERSONAL, six, SHIPPED)
    assert found is not None
    assert (found.rule, found.detail) == ("overcrowding", "enough over all channels")


def test_fifteen_in_a_week_are_enough_also_where_no_day_had_six() -> None:
    spread = tuple(NOW - day * DAY for day in (1, 2, 3, 4, 5) for _ in range(3))

    assert judge(PERSONAL, known_on(PHONE, contacts=Contacts(personal=spread)), SHIPPED)
    assert not judge(PERSONAL, known_on(PHONE, contacts=Contacts(personal=spread[1:])), SHIPPED)


def test_a_day_later_they_count_no_more() -> None:
    yesterday = known_on(PHONE, contacts=Contacts(personal=(NOW - DAY,) * 6))

    assert judge(PERSONAL, yesterday, SHIPPED) is None


def test_what_is_for_everybody_is_no_personal_offer() -> None:
    full = known_on(PHONE, contacts=Contacts(personal=(NOW,) * 15))

    assert judge(considered(), full, SHIPPED) is None
    assert judge(considered(None, Fact("basket", "addon")), full, SHIPPED) is None


def test_what_was_sent_away_stays_away_for_two_weeks() -> None:
    lately = known_on(KIOSK, contacts=Contacts(dismissed={"scone": NOW - 13 * DAY}))
    long_ago = known_on(KIOSK, contacts=Contacts(dismissed={"scone": NOW - 14 * DAY}))
    other = known_on(KIOSK, contacts=Contacts(dismissed={"drink": NOW}))

    assert judge(considered(), lately, SHIPPED) is not None
    assert judge(considered(), long_ago, SHIPPED) is None
    assert judge(considered(), other, SHIPPED) is None


def test_an_offer_about_what_was_sent_away_stays_away_with_it() -> None:
    tea_time = considered(offer(taxonomy={"category": "tea-time"}))
    lately = known_on(KIOSK, contacts=Contacts(dismissed={"tea-time": NOW - DAY}))

    assert judge(tea_time, lately, SHIPPED) is not None


def test_what_was_bought_is_not_pushed_again_for_three_days() -> None:
    bought = known_on(PHONE, contacts=Contacts(bought={"scone": NOW - 2 * DAY}))
    earlier = known_on(PHONE, contacts=Contacts(bought={"scone": NOW - 3 * DAY}))

    found = judge(PERSONAL, bought, SHIPPED)

    assert found is not None
    assert found.detail == "bought of late"
    assert judge(PERSONAL, earlier, SHIPPED) is None


def test_the_usual_may_be_offered_again_the_next_day() -> None:
    bought = known_on(PHONE, contacts=Contacts(bought={"scone": NOW - DAY}))

    usual = Fact("order_history", "reorder")

    assert judge(considered(None, usual), bought, SHIPPED) is None
    assert judge(considered(None, usual, HISTORY), bought, SHIPPED) is not None


def test_half_of_a_row_at_most_is_chosen_for_one_person_except_the_row_that_is_theirs() -> None:
    a_quarter = tightened(SHIPPED, {"overcrowding": {"personalised_share_max": 0.25}})

    assert most_personal(KIOSK, SHIPPED) == 3
    assert most_personal(replace(KIOSK, slots=5), SHIPPED) == 2
    assert most_personal(replace(KIOSK, slots=1), SHIPPED) == 0
    assert most_personal(KIOSK, a_quarter) == 1
    assert most_personal(replace(KIOSK, is_own_row=True), SHIPPED) == 6
