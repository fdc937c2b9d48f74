"""From a kiosk to a sofa and back: real appliances, broker, bridge and database, and the page at home."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from tests.fakes.appliance import LUNCH_AT, site
from tests.fakes.at_home import SITES, AtHome, central_app
from tests.fakes.broker import running_broker, wait_until
from tests.fakes.canary import Canaries
from tests.fakes.central_customers import CentralCustomers
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.postgres import PostgresServer
from tests.fakes.shops_with_central import Shop, ShopsWithCentral

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]


@pytest.fixture
def shops(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[ShopsWithCentral]:
    clock = SettableClock(LUNCH_AT)
    central = CentralCustomers(
        tmp_path, postgres_server.url(), clock, reach="group", pages=True, sites=SITES
    )
    try:
        with running_broker(tmp_path) as broker:
            yield ShopsWithCentral(tmp_path, broker, central, clock)
    finally:
        central.close()


def opened(shops: ShopsWithCentral, browser: PhoneBrowser) -> AtHome:
    """The phone's holder at home, as soon as central knows them."""
    app = central_app(shops.central.settings, shops.clock)
    home = AtHome(app, shops.clock, browser.phone.beacon_key)
    wait_until(lambda: shops.central.is_known(home.beacon_key), "central knows them")
    home.open()
    return home


def decides(shops: ShopsWithCentral, shop: Shop, browser: PhoneBrowser, wanted: list[str]) -> None:
    """Wait until the shop's next decision for them is ``wanted``."""
    shops.clock.advance(timedelta(minutes=1))  # devices are told of one customer once a minute
    wait_until(lambda: shop.decided(browser.phone) == wanted, f"the shop decides {wanted}")


def test_what_is_said_at_home_holds_for_the_shops_next_decision(shops: ShopsWithCentral) -> None:
    with shops.bridge(), shops.open("shop-a") as here:
        browser = here.enrol("tastes", "past_orders")
        here.order(browser.phone, "latte")
        here.order(browser.phone, "latte")
        assert "latte" in here.decided(browser.phone)
        home = opened(shops, browser)
        wait_until(lambda: 'id="wrong-latte"' in home.get("/my/me").text, "it is seen at home")

        # Muted: no suggestion, though it was bought.
        latte = site().product("latte")
        assert latte is not None
        home.post("/my/change", about="mute", kind=latte.category)
        decides(shops, here, browser, [])
        home.open()  # it took longer than a visit lasts
        home.post("/my/change", unmute=latte.category)
        decides(shops, here, browser, ["latte"])

        # Taken back: deleted there as well.
        home.open()
        home.post("/my/purposes", purpose="tastes")
        wait_until(lambda: here.purposes(browser.phone) == {"tastes"}, "the shop knows of it")
        assert here.bought(browser.phone) == []
        assert here.decided(browser.phone) == []
        assert here.recognises(browser.phone)


def test_an_erasure_at_home_makes_the_kiosk_neutral_and_leaves_nothing(
    shops: ShopsWithCentral,
) -> None:
    with shops.bridge(), shops.open("shop-a") as here, shops.open("shop-b") as there:
        browser = here.enrol("tastes", "past_orders")
        wait_until(lambda: there.knows(browser.phone), "the other shop knows them")
        home = opened(shops, browser)
        canaries = Canaries()
        canaries.add("home tag", bytes.fromhex(home.shown()["who"]))
        assert canaries.found_in(shops.central.everything()) == {"home tag"}

        page = home.post("/my/erase").text

        assert "Everything is erased." in page
        wait_until(lambda: not here.knows(browser.phone), "the first shop has forgotten them")
        wait_until(lambda: not there.knows(browser.phone), "and the other")
        assert not here.recognises(browser.phone)
        assert not there.recognises(browser.phone)
        wait_until(lambda: not shops.central.is_known(home.beacon_key), "nothing came back")
        assert canaries.found_in(shops.central.everything()) == set()


def test_a_consent_given_in_the_shop_is_seen_at_home_and_outlives_no_withdrawal_there(
    shops: ShopsWithCentral,
) -> None:
    with shops.bridge(), shops.open("shop-a") as here:
        browser = here.enrol("tastes", "phone_offers")
        home = opened(shops, browser)
        home.post("/my/purposes", purpose="phone_offers")
        wait_until(lambda: here.purposes(browser.phone) == {"phone_offers"}, "the shop knows")

        browser.get("/p/me")
        proof = browser.hidden("proof")
        browser.post("/p/purposes", purpose=["tastes", "phone_offers"], proof=proof)

        wait_until(
            lambda: 'value="tastes" checked' in home.get("/my/me").text, "given anew, it holds"
        )
        assert here.purposes(browser.phone) == {"tastes", "phone_offers"}
