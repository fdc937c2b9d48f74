"""A till's program and a customer's phone at one appliance: what they say holds for the next decision."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from edge.app.wiring import Appliance
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from tests.fakes.appliance import LUNCH_AT, appliance
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.shops_with_central import Shop

TILL = "till-1"


@dataclass
class Till:
    """A program that speaks to the appliance over HTTP alone."""

    client: FlaskClient
    shop: Shop

    def scan(self, phone: PhoneBrowser) -> str:
        """Present the customer's code; return the presence."""
        self.shop.clock.advance(timedelta(seconds=15))
        self.shop.parts  # noqa: B018 # the tables are up to date
        text = phone.phone.k1(self.shop.clock(), system_chance)
        found = self.ask("scan", screen=TILL, text=text)
        assert found["what"] == "customer"
        return str(found["presence"])

    def decide(self, placement: str, presence: str) -> tuple[bool, list[str]]:
        """Ask for a row; return whether it is for a customer, and its products."""
        slate = self.ask("decide", placement=placement, screen=TILL, presence=presence)
        return slate["recognised"], [item["sku"] for item in slate["items"]]

    def ask(self, what: str, **body: object) -> dict[str, Any]:
        answer = self.client.post(f"/api/v1/{what}", json=body)
        assert answer.status_code == 200, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Appliance]:
    with appliance(tmp_path, clock=SettableClock(LUNCH_AT)) as found:
        yield found


@pytest.fixture
def shop(built: Appliance) -> Shop:
    clock = built.services.clock
    assert isinstance(clock, SettableClock)
    return Shop(built, clock)


def test_a_wish_changes_the_next_decision_and_a_withdrawal_makes_it_a_guests(
    built: Appliance, shop: Shop
) -> None:
    phone, till = shop.enrol("tastes", "past_orders"), Till(built.app.test_client(), shop)
    shop.order(phone.phone, "latte")
    presence = till.scan(phone)
    assert till.decide("kiosk-usual", presence) == (True, ["latte"])

    phone.get("/p/me")
    assert phone.post("/p/change", mute="espresso-drinks").status_code == 303
    is_recognised, strip = till.decide("kiosk-strip", presence)
    assert is_recognised
    products = {one.sku: one.category for one in built.services.site().products}
    assert strip
    assert "espresso-drinks" not in {products[sku] for sku in strip}
    assert till.decide("kiosk-usual", presence) == (True, [])

    phone.get("/p/me")
    phone.post("/p/purposes", purpose="tastes")
    assert till.decide("kiosk-usual", presence) == (True, [])
    phone.post("/p/change", unmute="espresso-drinks")
    assert till.decide("kiosk-usual", presence) == (True, []), "what was bought is forgotten"

    phone.get("/p/me")
    phone.post("/p/purposes")
    assert till.decide("kiosk-usual", presence) == (False, [])
    is_recognised, strip = till.decide("kiosk-strip", presence)
    assert not is_recognised
    assert strip, "a guest is shown something as well"


def test_a_till_asks_in_vain_for_who_left(built: Appliance, shop: Shop) -> None:
    phone, till = shop.enrol("tastes", "past_orders"), Till(built.app.test_client(), shop)
    shop.order(phone.phone, "latte")
    presence = till.scan(phone)

    shop.clock.advance(timedelta(minutes=11))

    assert till.decide("kiosk-usual", presence) == (False, [])
