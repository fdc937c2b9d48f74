"""What did not know of a withdrawal ends with it, of that purpose and of no other."""

from datetime import UTC, datetime

import pytest

from edge.identity.consent import Purpose
from edge.identity.informed import Informed, Knows, known_together, still_said
from edge.identity.profile import Profile, Purchase, Wishes

TODAY = 20_500
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TASTES, ORDERS = Purpose.TASTES, Purpose.PAST_ORDERS
WISHES = Profile(Wishes(starred=frozenset({"cake"})), wishes_changed_at=NOON)
BOUGHT = Profile(purchases=(Purchase("latte", TODAY, 1),), wrong={"tea": TODAY})
BOTH = Profile(WISHES.wishes, BOUGHT.purchases, BOUGHT.wrong, NOON)


def knows(**marks: str) -> Knows:
    return {Purpose(name): frozenset(text.split()) for name, text in marks.items()}


@pytest.mark.parametrize(
    ("knew", "withdrawn", "left"),
    [
        ({}, {}, BOTH),
        ({}, {"tastes": "a"}, BOUGHT),
        ({}, {"past_orders": "a"}, WISHES),
        ({"past_orders": "a b"}, {"past_orders": "a"}, BOTH),
        ({"past_orders": "a"}, {"past_orders": "a b"}, WISHES),
        ({"tastes": "a"}, {"past_orders": "a"}, WISHES),
        ({}, {"tastes": "a", "past_orders": "b"}, Profile()),
        ({}, {"phone_offers": "a"}, BOTH),
    ],
)
def test_what_knew_of_every_withdrawal_of_its_purpose_stays(
    knew: dict[str, str], withdrawn: dict[str, str], left: Profile
) -> None:
    assert still_said(Informed(BOTH, knows(**knew)), knows(**withdrawn)) == left


def test_two_places_that_each_missed_a_withdrawal_know_nothing_for_that_purpose() -> None:
    here = Informed(BOTH, knows(past_orders="a"))
    there = Informed(BOUGHT, knows(past_orders="b"))

    assert known_together(here, there, TODAY) == known_together(there, here, TODAY) == WISHES


def test_whoever_heard_of_more_is_believed_alone() -> None:
    other = Profile(purchases=(Purchase("mug", TODAY, 1),))

    assert known_together(Informed(BOUGHT), Informed(other, knows(past_orders="a")), TODAY) == other
