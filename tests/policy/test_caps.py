"""An offer is shown as often as its owner said: in a visit, on a board, to a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.policy.all_rules import suppression
from edge.policy.caps import cap_rule
from edge.policy.contacts import Contacts
from edge.policy.scene import Scene
from tests.fakes import shop
from tests.fakes.scenes import BOARD, DAY, HOUR, KIOSK, PHONE, considered, known_on, offer

SEEN = (shop.NOON - 3 * HOUR, shop.NOON - 30 * timedelta(minutes=1), shop.NOON)


def told(scene: Scene, contacts: Contacts, **caps: object) -> str | None:
    """Return which cap leaves the warm bun out."""
    found = cap_rule(considered(offer(caps=caps)), replace(scene, contacts=contacts))
    return f"{found.rule}: {found.detail}" if found else None


@pytest.mark.parametrize(
    ("seen", "held"), [(0, None), (1, None), (2, "caps: per_visit"), (3, "caps: per_visit")]
)
def test_in_a_visit_an_offer_is_painted_so_often_and_then_rests(
    seen: int, held: str | None
) -> None:
    assert told(KIOSK, Contacts(of_visit={"warm-bun": seen}), per_visit=2) == held


def test_on_a_board_only_what_lies_within_the_span_counts() -> None:
    contacts = Contacts(of_board={"warm-bun": SEEN})

    assert told(BOARD, contacts, per_board={"n": 2, "per": "1h"}) == "caps: per_board"
    assert told(BOARD, contacts, per_board={"n": 3, "per": "1h"}) is None
    assert told(BOARD, contacts, per_board={"n": 3, "per": "3h"}) is None
    assert told(BOARD, contacts, per_board={"n": 3, "per": "4h"}) == "caps: per_board"


def test_a_cap_to_a_person_counts_all_their_screens_together() -> None:
    contacts = Contacts(of_person={"warm-bun": tuple(at - DAY for at in SEEN)})

    for scene in (known_on(KIOSK), known_on(PHONE)):
        assert told(scene, contacts, per_person={"n": 3, "per": "7d"}) == "caps: per_person"
        assert told(scene, contacts, per_person={"n": 4, "per": "7d"}) is None
        assert told(scene, contacts, per_person={"n": 3, "per": "1d"}) is None


def test_what_was_seen_of_other_offers_caps_nothing() -> None:
    others = Contacts(of_person={"soup": SEEN}, of_visit={"soup": 9}, of_board={"soup": SEEN})
    once = {"n": 1, "per": "7d"}

    assert told(KIOSK, others, per_visit=1, per_board=once, per_person=once) is None


def test_an_offer_without_caps_and_a_product_as_itself_are_never_capped() -> None:
    much = Contacts(
        of_person={"warm-bun": SEEN}, of_visit={"warm-bun": 99}, of_board={"warm-bun": SEEN}
    )

    assert told(KIOSK, much) is None
    assert cap_rule(considered(), replace(KIOSK, contacts=much)) is None


def test_a_clock_that_was_set_back_shows_nothing_more_often() -> None:
    ahead = Contacts(of_board={"warm-bun": (shop.NOON + DAY,)})

    assert told(BOARD, ahead, per_board={"n": 1, "per": "1h"}) == "caps: per_board"


def test_caps_are_asked_with_all_policies_and_fail_closed_with_them() -> None:
    capped = considered(offer(caps={"per_visit": 1}))
    met = replace(KIOSK, contacts=Contacts(of_visit={"warm-bun": 1}))

    found = suppression(capped, met, SHIPPED)

    assert suppression(capped, KIOSK, SHIPPED) is None
    assert found is not None
    assert (found.rule, found.detail) == ("caps", "per_visit")
