"""The scene that policies judge is what was read before the decision."""

from datetime import timedelta

from edge.decide.considered import scene_of
from edge.decide.shelf import stock_shelf
from edge.decide.state import NO_STATE, State
from edge.decide.values import Asked, Basis, Bought, Recognised
from edge.identity.consent import Purpose
from edge.policy.contacts import Contacts
from tests.fakes import shop

ASKED = Asked("strip", "kiosk-1", basket=("tea",))
SHELF = stock_shelf(shop.corner(), shop.context(), frozenset())
KNOWN = Recognised(basis=(Basis("r1", Purpose.PAST_ORDERS),), bought=(Bought("scone", 2.0, 1),))


def test_a_guest_brings_a_basket_and_nothing_else() -> None:
    scene = scene_of(ASKED, shop.STRIP, None, SHELF, NO_STATE)

    assert (scene.surface, scene.publicity, scene.slots) == ("kiosk", 1, 3)
    assert scene.basket_categories == {"drink"}
    assert not scene.purposes
    assert not scene.known_categories
    assert not scene.declared_categories
    assert scene.linkage("drink", "scone") is None


def test_a_recognised_customer_brings_what_they_allowed() -> None:
    scene = scene_of(ASKED, shop.STRIP, KNOWN, SHELF, NO_STATE)

    assert scene.purposes == {"past_orders"}
    assert scene.known_categories == {"scone"}


def test_what_was_counted_before_is_passed_on() -> None:
    contacts = Contacts(of_visit={"warm-up": 1})
    seen_at = shop.NOON - timedelta(minutes=3)
    state = State(contacts=contacts, linkage=lambda _one, _other: 0.4, located_at=seen_at)

    scene = scene_of(ASKED, shop.STRIP, KNOWN, SHELF, state)

    assert scene.contacts is contacts
    assert scene.linkage("drink", "scone") == 0.4
    assert scene.located_at == seen_at
