"""No fact about a person reaches a public screen: not by a slate, not by the page of a board."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import orjson
import pytest
from jsonschema import Draft202012Validator

from edge.app.wiring import Appliance
from edge.context.moment import Weather
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError
from edge.decide.decide import decide
from edge.decide.record import slate_bytes
from edge.decide.shelf import Shelf, stock_shelf
from edge.decide.values import Asked, Basis, Bought, Reason, Recognised, Slate
from edge.identity.consent import Purpose
from edge.wire.schema_files import schema
from tests.fakes import shop
from tests.fakes.appliance import LUNCH_AT, appliance, client
from tests.fakes.dice import Dice
from tests.fakes.regular import PLACEMENTS, corner, regular, somebody

CONTEXTS: Final = 10_000
PERSONAL_PARTS: Final = {"history", "wishes", "surprise", "tastes"}
PERSONAL_REASONS: Final = {
    Reason.PAST_ORDERS_HERE,
    Reason.YOUR_USUAL,
    Reason.GOES_WITH_TASTES,
    Reason.NEW_FOR_YOU,
    Reason.STATED_TASTE,
}
CANARY: Final = "canary-7f3a91"
RECORDS: Final = ("3f1c9a52-1b7e-4d0a-8a3e-6c2d5e4f7a10", "9d2e7b64-5c1f-4a8b-b0d7-1e3f5a7c9b20")
"""Their consents."""
AT_THE_SHOP: Final = [p.id for p in PLACEMENTS if p.surface != "signage"]


def is_personal(slate: Slate) -> bool:
    """Say whether anything of a slate was computed from a person."""
    return any(
        one.reason in PERSONAL_REASONS
        or any(one.parts.get(name) for name in PERSONAL_PARTS)
        or one.sku in slate.because
        for one in slate.shown
    )


def shelves() -> Iterator[Shelf]:
    """Yield the corner cafe at random moments."""
    dice, bundle = Dice("moments"), corner()
    for _ in range(100):
        trend = {sku: 5 * (1 + dice.below(6)) for sku in dice.sample(shop.ITEMS, dice.below(3))}
        weather = dice.choice((None, Weather(dice.below(30), is_wet=bool(dice.below(2)))))
        moment = shop.context(
            shop.NOON + timedelta(hours=dice.below(10) - 5), weather=weather, trend=trend
        )
        yield stock_shelf(bundle, moment, frozenset(dice.sample(shop.ITEMS, dice.below(3))))


def test_no_personal_fact_is_on_a_public_screen_in_10_000_random_contexts() -> None:
    dice = Dice("public screens")
    personal_at_the_kiosk = 0
    for shelf in shelves():
        board = Asked("hero", "board-1")
        before = slate_bytes(decide("board", board, shelf).slate)
        for number in range(CONTEXTS // 100):
            who, basket = somebody(dice), dice.sample(shop.ITEMS, dice.below(3))
            if number % 4 == 0:
                asked = Asked(dice.choice(AT_THE_SHOP), "kiosk-1", "v", basket, recognised=who)
                personal_at_the_kiosk += is_personal(decide(f"d{number}", asked, shelf).slate)
            # What the kiosk was just told about is refused on the board beside it.
            with pytest.raises(RequestContractError):
                decide(f"b{number}", Asked("hero", "board-1", recognised=who), shelf)
            hero = decide("board", board, shelf).slate
            assert not is_personal(hero)
            assert slate_bytes(hero) == before
    assert personal_at_the_kiosk > CONTEXTS / 40  # or this would have shown nothing


def canary() -> Recognised:
    """Return a customer of the demo shop whose every fact can be searched for."""
    return regular(
        Bought("beans-colombia", 3.0, 9),
        Bought(f"{CANARY}-bought", 3.0, 1),
        starred=(f"{CANARY}-starred", "house-filter"),
        muted=(f"{CANARY}-muted",),
        less=(f"{CANARY}-less",),
        surprise="more",
        basis=(
            Basis(RECORDS[0], Purpose.TASTES),
            Basis(RECORDS[1], Purpose.PAST_ORDERS),
        ),
    )


def boards(built: Appliance) -> list[bytes]:
    """Return everything the boards show: their pages and their states."""
    browser = client(built)
    addresses = [
        f"/board/{name}{more}" for name in ("board-1", "board-2") for more in ("", "/state")
    ]
    answers = [browser.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.data for answer in answers]


def test_a_board_looks_the_same_whoever_is_recognised_beside_it(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path / "data", clock=clock) as built:
        before = boards(built)
        rows = ("kiosk-strip", "kiosk-usual", "kiosk-tastes", "kiosk-new")
        slates = [
            built.services.serve(Asked(row, "kiosk-1", "v", recognised=canary())) for row in rows
        ]
        assert all(is_personal(slate) for slate in slates)
        after = boards(built)
        clock.at += timedelta(minutes=20)  # and where the hero is decided anew
        later = boards(built)

    assert after == before
    assert not any(secret.encode() in page for page in later for secret in (CANARY, *RECORDS))


def test_a_customers_facts_are_in_no_record_event_answer_or_figure(tmp_path: Path) -> None:
    with appliance(tmp_path / "data") as built:
        for row in ("kiosk-strip", "kiosk-nudge", "kiosk-usual", "kiosk-tastes", "kiosk-new"):
            built.services.serve(Asked(row, "kiosk-1", "v", recognised=canary()))
        kept = built.store.reads.latest_decisions(20)
        browser = client(built)
        events = [one.body for one in built.store.reads.waiting("e", 100)]
        told = [
            *events,
            *(one.body for one in kept),
            *(one.candidates for one in kept),
            *(browser.get(f"/api/v1/explain/{one.decision_id}").data for one in kept),
            browser.get("/metrics").data,
            *boards(built),
        ]

    assert len(kept) == len(events) == 5
    validator = Draft202012Validator(dict(schema("decision")))
    assert all(validator.is_valid(orjson.loads(one)["data"]["properties"]) for one in events)
    assert not any(secret.encode() in one for one in told for secret in (CANARY, *RECORDS))
    for one in kept:
        facts = orjson.loads(one.body)
        shown = {row["sku"] for row in facts["slate"]["shown"]}
        # Bought or starred, and not shown: then it is nowhere but in what everybody is told.
        rest = orjson.dumps({**facts, "suppressed": None})
        for sku in {"beans-colombia", "house-filter"} - shown:
            assert f'"{sku}"'.encode() not in rest
