"""What a customer buys and says in one shop holds in the other: real appliances, bridge and broker."""

from collections.abc import Callable
from datetime import timedelta

import orjson
import pytest

from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.profile import Profile, Purchase
from tests.fakes.broker import wait_until
from tests.fakes.canary import Canaries
from tests.fakes.people import bytes_in
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.shops_with_central import ShopsWithCentral

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]


class Told:
    """Waits until something is told, a minute after the last: devices hear no more often."""

    def __init__(self, shops: ShopsWithCentral) -> None:
        self.shops = shops

    def __call__(self, is_so: Callable[[], bool], what: str) -> None:
        self.shops.clock.advance(timedelta(minutes=1))
        wait_until(is_so, what)


def change(page: PhoneBrowser, **said: str) -> None:
    page.get("/p/me")
    assert page.post("/p/change", **said).status_code == 303


def allow(page: PhoneBrowser, *purposes: str) -> None:
    page.get("/p/me")
    page.post("/p/purposes", purpose=list(purposes))


def test_what_is_bought_and_said_here_holds_there_until_it_is_taken_back(
    shops: ShopsWithCentral,
) -> None:
    told = Told(shops)
    with shops.bridge(), shops.open("shop-a") as here, shops.open("shop-b") as there:
        phone = here.enrol("tastes", "past_orders").phone
        wait_until(lambda: there.knows(phone), "the other shop knows them")
        assert there.decided(phone) == []

        here.order(phone, "latte")
        here.order(phone, "croissant")
        told(lambda: len(there.bought(phone)) == 2, "the other shop knows what they bought")
        assert sorted(there.decided(phone)) == ["croissant", "latte"]

        change(there.open_page(phone), mute="espresso-drinks")
        told(lambda: here.decided(phone) == ["croissant"], "it is muted in the first shop")

        change(here.open_page(phone), wrong="croissant")
        told(lambda: there.bought(phone) == ["latte"], "it is wrong in the other shop")
        there.order(phone, "cappuccino")
        told(lambda: len(here.bought(phone)) == 2, "the next order was told")
        assert "croissant" not in (*here.bought(phone), *there.bought(phone))
        assert [one.sku for one in shops.central.profile(phone.beacon_key).purchases] == sorted(
            here.bought(phone)
        )

        allow(here.open_page(phone), "tastes")
        told(lambda: there.purposes(phone) == {"tastes"}, "the other shop knows of it")
        assert here.bought(phone) == there.bought(phone) == []
        kept = shops.central.profile(phone.beacon_key)
        assert (kept.purchases, kept.wrong) == ((), {})
        assert kept.wishes.muted == {"espresso-drinks"}
        assert there.decided(phone) == here.decided(phone) == []


def test_after_an_erasure_it_is_gone_everywhere_and_a_late_word_brings_nothing_back(
    shops: ShopsWithCentral,
) -> None:
    told, central = Told(shops), shops.central
    with shops.bridge(), shops.open("shop-a") as here, shops.open("shop-b") as there:
        phone = here.enrol("tastes", "past_orders").phone
        wait_until(lambda: there.knows(phone), "the other shop knows them")
        here.order(phone, "latte")
        change(here.open_page(phone), star="croissant")
        told(lambda: there.bought(phone) == ["latte"], "the other shop knows what they bought")
        bought = Profile(purchases=(Purchase("latte", day_of(shops.clock()), 1),))
        late = central.voice("shop-c-1", "shop-c").tastes(phone.beacon_key, bought)
        assert_in_no_row_in_clear(shops, phone.beacon_key)
        row = central.con.execute("SELECT sealed FROM customer_profile").fetchone()
        assert row is not None

        here.open_page(phone).post("/p/erase")
        told(lambda: not there.knows(phone), "the other shop has forgotten them")
        central.take(*late)
        shops.clock.advance(timedelta(minutes=5))
        central.tell()

        canary = Canaries()
        canary.add("pseudonym", pseudonym_of(phone.beacon_key))
        canary.add("sealed profile", bytes(row[0]))
        assert canary.found_in(central.everything()) == set()
        assert central.profile(phone.beacon_key) == Profile()
        assert not here.knows(phone)
        assert not there.knows(phone)
        for shop in (here, there):
            shop.built.store.people.finish_erasures()
        on_disks = bytes_in(shops.folder / "shop-a") + bytes_in(shops.folder / "shop-b")
        assert canary.found_in(on_disks) == set()


def assert_in_no_row_in_clear(shops: ShopsWithCentral, beacon_key: bytes) -> None:
    """A product of theirs stands beside a pseudonym nowhere, and no event says whose it is."""
    canary = Canaries()
    canary.add("pseudonym", pseudonym_of(beacon_key))
    wait_until(
        lambda: b'"latte"' in shops.central.everything(),
        "an order, which is about nobody, names it",
    )
    rows = shops.central.everything().split(b"\n")
    theirs = [row for row in rows if canary.found_in(row)]
    assert any(row.startswith(b"customer_profile: ") for row in theirs)
    for sku in (b"latte", b"croissant"):
        assert not [row for row in theirs if sku in row]
    bodies = [
        orjson.dumps(row[0])
        for row in shops.central.con.execute("SELECT body FROM event").fetchall()
    ]
    assert any(b"Customer Profile Changed" in body for body in bodies)
    assert canary.found_in(*bodies) == set()
