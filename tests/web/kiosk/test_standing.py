"""How somebody stands at a kiosk: a guest, invited, or known."""

from datetime import timedelta

import pytest

from edge.core.chance import system_chance
from edge.identity.consent import Purpose
from edge.web.kiosk.request import Kiosk
from edge.web.kiosk.standing import GUEST, Standing, standing, standing_at
from edge.web.kiosk.visit import Visit
from edge.web.kiosk.visits import Visits
from edge.web.ports import Timers
from tests.fakes.recognition import FakeRecognition, KnowingShop
from tests.fakes.services import FakeShop


def kiosk_of(shop: FakeShop) -> Kiosk:
    return Kiosk(shop.services(), Visits(shop.clock, system_chance, Timers()))


@pytest.fixture
def kiosk(knowing: KnowingShop) -> Kiosk:
    return kiosk_of(knowing)


def visit_of(kiosk: Kiosk) -> Visit:
    visit = kiosk.met(kiosk.visits.begin("kiosk-1", "en", "eat_in"))
    assert visit is not None
    return visit


def test_nobody_known_is_a_guest(kiosk: Kiosk) -> None:
    assert standing(kiosk, visit_of(kiosk)) == GUEST
    assert standing_at(kiosk, "kiosk-1") == GUEST


def test_without_recognition_everybody_is() -> None:
    kiosk = kiosk_of(FakeShop())

    assert standing(kiosk, visit_of(kiosk)) == GUEST


def test_a_beacon_invites_whoever_has_not_refused(
    kiosk: Kiosk, recognition: FakeRecognition
) -> None:
    recognition.invited.add("kiosk-1")

    assert standing(kiosk, visit_of(kiosk)) == Standing(is_invited=True)
    assert standing_at(kiosk, "kiosk-1") == GUEST


def test_the_known_have_what_they_allow_and_for_how_long(
    kiosk: Kiosk, recognition: FakeRecognition, knowing: KnowingShop
) -> None:
    recognition.arrive("kiosk-1")
    knowing.clock.advance(timedelta(minutes=9, seconds=59))
    stands = standing(kiosk, visit_of(kiosk))

    assert stands.is_known
    assert stands.uses == (Purpose.TASTES, Purpose.PAST_ORDERS)
    assert stands.left_ms == 1000
    assert standing_at(kiosk, "kiosk-1") == stands


def test_a_visit_whose_customer_has_left_meanwhile_is_a_guests(
    kiosk: Kiosk, recognition: FakeRecognition
) -> None:
    recognition.arrive("kiosk-1")
    visit = visit_of(kiosk)
    recognition.leave("kiosk-1")

    assert standing(kiosk, visit) == GUEST
    assert kiosk.recognised(visit) is None
