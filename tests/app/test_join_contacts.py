"""Caps hold in the running shop: in a visit, on a board, over a restart, and unseen by anybody."""

import shutil
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import orjson

from edge.app.wiring import Appliance
from edge.catalog.allergens import Allergen
from edge.catalog.offer import Offer
from edge.catalog.site import Site
from edge.core.clock import SettableClock
from edge.decide.engagement import Engagement, EngagementKind
from edge.decide.values import Asked, Slate
from tests.fakes.appliance import LUNCH_AT, appliance, site

CAPPED = "capped-canary"


@cache
def shop() -> Site:
    """Return the demo shop with one offer of all its products.

    It may be shown three times a visit, and twice in a board's hour.
    """
    one = Offer.model_validate(
        {
            "offer": CAPPED,
            "owner": "kitchen",
            "skus": [site().products[0].sku],
            "headline": {"en": "Made this morning"},
            "surfaces": ["kiosk", "signage"],
            "priority": 3.0,
            "caps": {"per_visit": 3, "per_board": {"n": 2, "per": "1h"}},
        }
    )
    of_all = one.model_copy(update={"skus": tuple(each.sku for each in site().products)})
    return site().model_copy(update={"offers": (of_all,)})


def of_kiosk(visit: str, avoid: frozenset[Allergen] = frozenset()) -> Asked:
    return Asked("kiosk-strip", "kiosk-1", visit, avoid=avoid)


def of_board(screen: str = "board-1") -> Asked:
    placement = next(one for one in shop().placements if one.surface == "signage")
    return Asked(placement.id, screen)


def happens(
    built: Appliance, slate: Slate, at: SettableClock, kind: EngagementKind = "exposure"
) -> None:
    slot = None if kind == "exposure" else 0
    one = Engagement(str(uuid4()), kind, slate.decision_id, slot, "screen", None, at())
    built.services.engage([one]).result(5)


def shows(built: Appliance, asked: Asked) -> bool:
    """Say whether the capped offer would be shown, without anybody seeing it."""
    slate = built.services.serve(asked)
    return any(one.offer_id == CAPPED for one in slate.shown)


def paint(built: Appliance, asked: Asked, clock: SettableClock, times: int) -> None:
    for _ in range(times):
        happens(built, built.services.serve(asked), clock)


def test_an_offer_rests_for_the_visit_once_it_was_painted_so_often_and_its_product_stays(
    tmp_path: Path,
) -> None:
    clock, visit = SettableClock(LUNCH_AT), str(uuid4())
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        paint(built, of_kiosk(visit), clock, 2)
        assert shows(built, of_kiosk(visit))
        paint(built, of_kiosk(visit), clock, 1)
        slate = built.services.serve(of_kiosk(visit))

        assert {one.offer_id == f"product:{one.sku}" for one in slate.shown} == {True}
        assert slate.suppressed["caps"] == 1
        assert shows(built, of_kiosk(str(uuid4())))


def test_whoever_runs_the_shop_sees_how_often_a_cap_held_an_offer_back(tmp_path: Path) -> None:
    clock, visit = SettableClock(LUNCH_AT), str(uuid4())
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        paint(built, of_kiosk(visit), clock, 3)
        before = built.services.health().figures["offers_over_cap_total"]
        built.services.serve(of_kiosk(visit))
        after = built.services.health().figures["offers_over_cap_total"]

    assert before == 0
    assert after > 0


def test_what_was_decided_and_never_painted_is_no_contact(tmp_path: Path) -> None:
    visit = str(uuid4())
    with appliance(tmp_path, shop=shop()) as built:
        assert all(shows(built, of_kiosk(visit)) for _ in range(6))


def test_a_board_rests_an_offer_until_its_span_has_passed_and_other_boards_go_on(
    tmp_path: Path,
) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        paint(built, of_board(), clock, 1)
        clock.advance(timedelta(minutes=10))
        paint(built, of_board(), clock, 1)

        assert not shows(built, of_board())
        assert shows(built, of_board("board-2"))
        clock.advance(timedelta(minutes=50))
        assert shows(built, of_board())


def test_an_end_at_any_moment_loses_no_contact_that_was_acknowledged(tmp_path: Path) -> None:
    clock, visit = SettableClock(LUNCH_AT), str(uuid4())
    with appliance(tmp_path / "running", clock=clock, shop=shop()) as built:
        paint(built, of_kiosk(visit), clock, 3)
        paint(built, of_board(), clock, 2)
        # What a killed process leaves behind: its files as they are at this moment.
        shutil.copytree(tmp_path / "running", tmp_path / "killed")

    clock.advance(timedelta(minutes=5))
    with appliance(tmp_path / "killed", clock=clock, shop=shop()) as again:
        assert not shows(again, of_kiosk(visit))
        assert not shows(again, of_board())
        assert shows(again, of_kiosk(str(uuid4())))
        clock.advance(timedelta(hours=2))
        assert shows(again, of_board())


def test_what_a_guest_sent_away_stays_away_in_their_visit_only(tmp_path: Path) -> None:
    clock, visit = SettableClock(LUNCH_AT), str(uuid4())
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        slate = built.services.serve(of_kiosk(visit))
        gone = site().product(slate.shown[0].sku)
        assert gone is not None
        happens(built, slate, clock, "dismiss")

        def categories(asked: Asked) -> set[str]:
            shown = built.services.serve(asked).shown
            return {one.category for each in shown if (one := site().product(each.sku))}

        assert gone.category not in categories(of_kiosk(visit))
        assert gone.category in categories(of_kiosk(str(uuid4())))


def test_while_allergens_are_filtered_nothing_painted_is_counted_for_the_visit(
    tmp_path: Path,
) -> None:
    clock, visit = SettableClock(LUNCH_AT), str(uuid4())
    avoid = frozenset({Allergen.PEANUTS})
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        paint(built, of_kiosk(visit, avoid), clock, 5)
        assert shows(built, of_kiosk(visit))

        paint(built, of_kiosk(visit), clock, 3)
        assert not shows(built, of_kiosk(visit, avoid))


def test_no_event_and_no_record_says_which_offers_a_visit_met(tmp_path: Path) -> None:
    clock, visit = SettableClock(LUNCH_AT), str(uuid4())
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        paint(built, of_kiosk(visit), clock, 3)
        slate = built.services.serve(of_kiosk(visit))
        recorded = built.store.reads.decision(slate.decision_id)
        lanes = built.store.reads.depths()
        events = [one for lane in lanes for one in built.store.reads.waiting(lane, 500)]

    assert recorded is not None
    body = orjson.loads(recorded.body)
    assert body["contacts"] == {"visit": 3, "board": 0}
    assert events
    assert not any(b"of_visit" in one.body or b"contacts" in one.body for one in events)


def test_a_board_never_knows_a_visits_contacts(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        before = built.services.serve(of_board()).shown
        for _ in range(4):
            paint(built, of_kiosk(str(uuid4())), clock, 3)
        after = built.services.serve(of_board()).shown

    assert [(one.sku, one.offer_id) for one in after] == [(one.sku, one.offer_id) for one in before]
