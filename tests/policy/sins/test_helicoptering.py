"""Helicoptering: nobody shall feel watched."""

from datetime import timedelta

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.scene import Scene
from edge.policy.sins.helicoptering import judge
from tests.fakes.scenes import (
    BOARD,
    HISTORY,
    KIOSK,
    PHONE,
    STARS,
    considered,
    known_on,
)

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("scene", "most"), [(BOARD, 0), (KIOSK, 1), (PHONE, 2)])
def test_words_presume_no_more_than_the_screen_allows(scene: Scene, most: int) -> None:
    passed = [
        familiarity
        for familiarity in (0, 1, 2)
        if judge(considered(familiarity=familiarity), scene, SHIPPED) is None
    ]

    assert passed == list(range(most + 1))


def test_who_was_heard_coming_in_meets_nothing_of_their_past_for_ten_minutes() -> None:
    just_now = known_on(PHONE, located_at=PHONE.at - 9 * MINUTE)
    later = known_on(PHONE, located_at=PHONE.at - 10 * MINUTE)

    found = judge(considered(None, HISTORY), just_now, SHIPPED)

    assert found is not None
    assert (found.rule, found.detail) == ("helicoptering", "so soon after location")
    assert judge(considered(familiarity=2), just_now, SHIPPED) is not None
    assert judge(considered(None, HISTORY), later, SHIPPED) is None


def test_an_invitation_that_names_nothing_may_come_at_once() -> None:
    just_now = known_on(PHONE, located_at=PHONE.at)

    assert judge(considered(familiarity=1), just_now, SHIPPED) is None
    assert judge(considered(None, STARS), just_now, SHIPPED) is None


def test_a_sighting_from_the_future_is_not_believed_to_be_long_ago() -> None:
    assert (
        judge(considered(None, HISTORY), known_on(PHONE, located_at=PHONE.at + MINUTE), SHIPPED)
        is not None
    )


def test_a_table_never_lets_a_more_public_screen_say_more() -> None:
    odd = tightened(SHIPPED, {"helicoptering": {"familiarity_max": {"private": 0}}})

    assert judge(considered(familiarity=1), KIOSK, odd) is not None
