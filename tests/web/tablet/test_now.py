"""T2: screens where somebody shares their tastes, by place and short code, for the signed in."""

from datetime import timedelta

import pytest

from edge.web.app import create_app
from tests.fakes.staff import StaffedShop
from tests.web.tablet.conftest import FakeTablet, tablet


def test_who_shares_their_tastes_is_a_place_and_a_code_and_never_a_name(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    alex = team_shop.recognition.alex
    presence = team_shop.recognition.arrive("kiosk-2")
    object.__setattr__(alex.greeting, "name", "Alexandra")
    team_shop.clock.advance(timedelta(seconds=75))

    page = amira.get("/tablet/now").text

    assert "Kiosk 2: a customer shares their tastes" in page
    assert f"Code {presence.presence_id[:4].upper()}" in page
    assert ">8:45<" in page
    assert f'href="/tablet/customer/{presence.presence_id}"' in page
    for secret in ("Alexandra", "croissant", "latte", "Chai", alex.customer_id.hex()):
        assert secret not in page
    assert team_shop.staff.looks == []


def test_nobody_who_shares_their_tastes_is_said(amira: FakeTablet) -> None:
    assert "Nobody shares their tastes right now." in amira.get("/tablet/now").text


def test_who_sees_no_customers_is_not_told_of_them(
    enrolled: FakeTablet, team_shop: StaffedShop
) -> None:
    team_shop.recognition.arrive("kiosk-1")
    enrolled.sign_in("ines")

    page = enrolled.get("/tablet/now").text

    assert "Ines" in page
    assert "tastes" not in page


@pytest.mark.parametrize("is_demo", [True, False])
def test_an_open_tablet_shows_no_customers_until_somebody_signs_in(is_demo: bool) -> None:
    shop = StaffedShop(is_demo=is_demo)
    presence = shop.recognition.arrive("kiosk-1")
    page = tablet(create_app(shop.services()), "127.0.0.1").get("/tablet/").text

    assert "To meet customers who share their tastes, sign in." in page
    assert presence.presence_id not in page
    assert "Kiosk 1" not in page


def test_an_associate_on_the_network_sees_the_stock_and_changes_nothing(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    team_shop.sold_out = {"espresso"}
    shown = amira.get("/tablet/stock").text + amira.get("/tablet/now").text
    refused = amira.post("/tablet/stock", sku="latte", state="out")

    assert "A lead marks products sold out" in shown
    assert 'name="state"' not in shown
    assert refused.status_code == 403
    assert team_shop.sold_out == {"espresso"}


def test_a_lead_on_the_network_changes_the_stock(
    enrolled: FakeTablet, team_shop: StaffedShop
) -> None:
    enrolled.sign_in("jonas")

    assert enrolled.post("/tablet/stock", sku="latte", state="out").status_code == 303
    assert team_shop.sold_out == {"latte"}
    assert 'id="back-latte"' in enrolled.get("/tablet/now").text
