"""An order of a recognised customer: remembered where they allow it, and then forgotten here."""

import pytest

from edge.core.errors import StorageUnavailableError
from tests.fakes.recognition import SAM_CODE, FakeRecognition, KnowingShop
from tests.fakes.shopper import Shopper


@pytest.fixture
def shop(knowing: KnowingShop) -> KnowingShop:
    return knowing


def order(shopper: Shopper) -> str:
    shopper.add("latte")
    shopper.tap("/kiosk/review")
    return shopper.send("/kiosk/order").headers["HX-Redirect"]


def test_the_order_is_added_to_the_customers_own(
    shopper: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    presence = recognition.arrive("kiosk-1")
    order(shopper)

    assert recognition.remembered == [(presence.presence_id, shop.orders[0])]


def test_a_guests_order_is_nobodys(shopper: Shopper, recognition: FakeRecognition) -> None:
    order(shopper)

    assert recognition.remembered == []


def test_an_order_joins_rows_only_where_past_orders_are_allowed(
    shopper: Shopper, recognition: FakeRecognition, shop: KnowingShop
) -> None:
    recognition.arrive("kiosk-1")
    order(shopper)
    shopper.begin()
    recognition.arrive("kiosk-1", SAM_CODE)
    order(shopper)

    with_consent, without = shop.orders
    assert with_consent.visit_id in {asked.visit_id for asked in shop.asked if asked.recognised}
    assert without.visit_id is None


def test_an_order_that_cannot_be_remembered_is_an_order(
    shopper: Shopper,
    recognition: FakeRecognition,
    shop: KnowingShop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        msg = "the disk is full; free some space"
        raise StorageUnavailableError(msg)

    monkeypatch.setattr(recognition, "bought", full)
    recognition.arrive("kiosk-1")

    assert order(shopper) == "/kiosk/done/1"
    assert len(shop.orders) == 1


def test_the_number_stands_beside_a_way_to_be_forgotten(
    shopper: Shopper, recognition: FakeRecognition
) -> None:
    recognition.arrive("kiosk-1")
    page = shopper.client.get(order(shopper)).text
    assert "Forget my tastes" in page
    assert "Welcome back" not in page

    answer = shopper.client.post("/kiosk/personal/forget", data={"csrf_token": shopper.token})
    assert answer.headers["Location"] == "/kiosk/done/1?forgotten=1"
    after = shopper.client.get("/kiosk/done/1?forgotten=1").text
    assert "Forgotten on this kiosk." in after
    assert 'id="forget-now"' not in after
    assert recognition.presence("kiosk-1") is None


def test_whoever_begins_after_a_number_is_somebody_else(
    shopper: Shopper, recognition: FakeRecognition
) -> None:
    recognition.arrive("kiosk-1")
    order(shopper)
    page = shopper.begin().text

    assert "Welcome back" not in page
    assert recognition.presence("kiosk-1") is None


def test_a_guests_number_has_nothing_to_forget(shopper: Shopper) -> None:
    assert "Forget my tastes" not in shopper.client.get(order(shopper)).text
