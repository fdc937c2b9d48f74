"""What caps go by is counted per visit and board: once, bounded, and for nobody in particular."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from edge.app.contacts import MOST_BOARDS, MOST_VISITS, ContactsKept
from edge.catalog.offer import Offer
from edge.catalog.site import Site
from edge.core.clock import SettableClock
from edge.decide.values import Asked, Basis, Recognised
from edge.identity.consent import Purpose
from edge.policy.contacts import NO_CONTACTS
from edge.store.seen import Seen
from tests.fakes.appliance import LUNCH_AT, site

MINUTE = timedelta(minutes=1)
SOMEBODY = Recognised(basis=(Basis("record", Purpose.PAST_ORDERS),))
SHOWN = (
    {"slot": 0, "offer": "lunch", "sku": site().products[0].sku},
    {"slot": 1, "offer": f"product:{site().products[1].sku}", "sku": site().products[1].sku},
)


def capped(**caps: object) -> Site:
    """Return the demo shop with one offer, and these caps."""
    one = {
        "offer": "lunch",
        "owner": "kitchen",
        "skus": [site().products[0].sku],
        "headline": {"en": "For lunch"},
        "surfaces": ["kiosk", "signage"],
        "caps": caps,
    }
    return site().model_copy(update={"offers": (Offer.model_validate(one),)})


def kept(clock: SettableClock) -> ContactsKept:
    shop = capped(per_board={"n": 2, "per": "1h"})
    return ContactsKept(lambda: shop, clock)


def seen(at: datetime = LUNCH_AT, **more: Any) -> Seen:  # noqa: ANN401 - any field
    """Return a slate that was painted in the visit; ``more`` overrides any field."""
    one = Seen(
        kind="exposure",
        slot=None,
        at=at,
        decision_id=str(uuid4()),
        screen_id="kiosk-1",
        surface="kiosk",
        visit_id="visit",
        body=orjson.dumps({"slate": {"shown": SHOWN}}),
    )
    return replace(one, **more)


def on_board(at: datetime = LUNCH_AT, screen: str = "board-1") -> Seen:
    return seen(at, surface="signage", visit_id=None, screen_id=screen)


def of_visit(counts: ContactsKept, visit: str = "visit", at: datetime = LUNCH_AT) -> dict[str, int]:
    return dict(counts.contacts_of(Asked("kiosk-strip", "kiosk-1", visit), at).of_visit)


def test_what_is_painted_counts_for_its_visit_and_for_no_other() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    counts.count(seen())
    counts.count(seen())

    assert of_visit(counts) == {"lunch": 2}
    assert of_visit(counts, "another") == {}


def test_a_decision_counts_once_however_often_it_is_reported() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    one = seen()
    counts.count(one)
    counts.count(seen(one.at + MINUTE, decision_id=one.decision_id, slot=0))

    assert of_visit(counts) == {"lunch": 1}


def test_a_single_slot_counts_for_what_stands_in_it() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    counts.count(seen(slot=1))

    assert of_visit(counts) == {}


@pytest.mark.parametrize("kind", ["tap", "add", "why_opened", "play"])
def test_what_is_no_exposure_is_no_contact(kind: str) -> None:
    counts = kept(SettableClock(LUNCH_AT))
    counts.count(seen(kind=kind, slot=0))

    assert counts.contacts_of(Asked("kiosk-strip", "kiosk-1", "visit"), LUNCH_AT) == NO_CONTACTS


def test_a_board_counts_by_screen_and_nobodys_visit() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    counts.count(on_board())
    counts.count(on_board(LUNCH_AT + MINUTE))

    found = counts.contacts_of(Asked("board-hero", "board-1"), LUNCH_AT)
    assert found.of_board == {"lunch": (LUNCH_AT, LUNCH_AT + MINUTE)}
    assert not found.of_visit
    assert counts.contacts_of(Asked("board-hero", "board-2"), LUNCH_AT) == NO_CONTACTS
    assert counts.figures() == {"contacts_visits": 0, "contacts_boards": 1}


def test_what_a_visit_sent_away_is_told_as_its_category() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    counts.count(seen(kind="dismiss", slot=1))

    found = counts.contacts_of(Asked("kiosk-strip", "kiosk-1", "visit"), LUNCH_AT)
    assert found.dismissed == {site().products[1].category: LUNCH_AT}


def test_a_guest_has_no_persons_contacts_and_a_recognised_visitor_those_of_the_visit() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    counts.count(seen())

    guest = counts.contacts_of(Asked("kiosk-strip", "kiosk-1", "visit"), LUNCH_AT)
    known = counts.contacts_of(
        Asked("kiosk-strip", "kiosk-1", "visit", recognised=SOMEBODY), LUNCH_AT
    )
    assert guest.of_person == {}
    assert known.of_person == {"lunch": (LUNCH_AT,)}


def test_a_visit_is_forgotten_two_hours_after_it_was_last_heard_of() -> None:
    clock = SettableClock(LUNCH_AT)
    counts = kept(clock)
    counts.count(seen())
    clock.advance(timedelta(hours=1, minutes=59))
    counts.tick()
    assert of_visit(counts, at=clock()) == {"lunch": 1}

    clock.advance(MINUTE)
    assert of_visit(counts, at=clock()) == {}
    counts.tick()
    assert counts.figures()["contacts_visits"] == 0


def test_a_visit_that_is_over_is_forgotten_also_behind_one_that_is_not() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    counts.count(seen(visit_id="now"))
    counts.count(seen(LUNCH_AT - timedelta(hours=3), visit_id="said-late"))
    counts.tick()

    assert counts.figures()["contacts_visits"] == 1
    assert of_visit(counts, "now") == {"lunch": 1}


def test_a_board_forgets_what_no_cap_reaches_back_to() -> None:
    clock = SettableClock(LUNCH_AT)
    counts = kept(clock)
    counts.count(on_board())
    clock.advance(timedelta(minutes=59))
    counts.tick()
    assert counts.figures()["contacts_boards"] == 1

    clock.advance(MINUTE)
    counts.tick()
    assert counts.figures()["contacts_boards"] == 0


def test_however_many_visits_and_screens_there_are_memory_is_bounded() -> None:
    counts = kept(SettableClock(LUNCH_AT))
    for number in range(MOST_VISITS + 3):
        counts.count(seen(visit_id=f"visit-{number}"))
    for number in range(MOST_BOARDS + 3):
        counts.count(on_board(screen=f"board-{number}"))

    assert counts.figures() == {"contacts_visits": MOST_VISITS, "contacts_boards": MOST_BOARDS}
    assert of_visit(counts, "visit-0") == {}
    assert of_visit(counts, f"visit-{MOST_VISITS + 2}") == {"lunch": 1}
