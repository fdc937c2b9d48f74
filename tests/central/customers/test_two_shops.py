"""A customer of two shops: real appliances, broker, bridge and database between them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.identity.day_keys import pseudonym_of
from tests.fakes.broker import wait_until
from tests.fakes.canary import Canaries
from tests.fakes.people import bytes_in
from tests.fakes.shops_with_central import ShopsWithCentral

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]


def sealed_at(folder: Path) -> list[bytes]:
    """Return what the disk holds of the only customer: sealed under a key of their own."""
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        (row,) = con.execute("SELECT holder_sealed, profile_sealed FROM customer").fetchall()
    return [bytes(value) for value in row]


def test_who_enrols_here_is_known_there_until_they_take_it_back(shops: ShopsWithCentral) -> None:
    with shops.bridge(), shops.open("shop-a") as here, shops.open("shop-b") as there:
        browser = here.enrol("tastes", "past_orders")
        phone = browser.phone
        wait_until(lambda: there.knows(phone), "the other shop knows them")
        assert there.recognises(phone)
        there.order(phone, "latte")
        assert there.bought(phone) == ["latte"]

        browser.get("/p/me")
        browser.post("/p/purposes", purpose="past_orders")
        wait_until(lambda: there.purposes(phone) == {"past_orders"}, "the other shop knows of it")
        assert there.recognises(phone)

        browser.get("/p/me")
        browser.post("/p/purposes")
        wait_until(lambda: not there.knows(phone), "the other shop has forgotten them")
        assert not there.recognises(phone)
        assert not here.recognises(phone)
        assert not shops.central.is_known(phone.beacon_key)


def test_an_erasure_there_leaves_nothing_here_and_nothing_at_central(
    shops: ShopsWithCentral,
) -> None:
    with shops.bridge(), shops.open("shop-a") as here, shops.open("shop-b") as there:
        phone = here.enrol("tastes", "past_orders").phone
        wait_until(lambda: there.knows(phone), "the other shop knows them")
        there.order(phone, "latte")
        canaries = Canaries()
        canaries.add("pseudonym", pseudonym_of(phone.beacon_key))
        canaries.add("beacon key", phone.beacon_key)
        row = shops.central.con.execute("SELECT beacon_key FROM customer").fetchone()
        assert row is not None
        canaries.add("sealed key", bytes(row[0]))
        on_disks = [*sealed_at(shops.folder / "shop-a"), *sealed_at(shops.folder / "shop-b")]
        assert canaries.found_in(shops.central.everything()) == {"pseudonym", "sealed key"}

        there.open_page(phone).post("/p/erase")

        wait_until(lambda: not here.knows(phone), "the first shop has forgotten them")
        assert not there.knows(phone)
        assert not shops.central.is_known(phone.beacon_key)
        assert canaries.found_in(shops.central.everything()) == set()
        for shop in (here, there):
            shop.built.store.people.finish_erasures()
        found = bytes_in(shops.folder / "shop-a") + bytes_in(shops.folder / "shop-b")
        assert not [one for one in on_disks if one in found]
        assert canaries.found_in(found) == set()


def test_a_shop_that_was_away_for_weeks_still_gets_the_erasure(shops: ShopsWithCentral) -> None:
    with shops.bridge(), shops.open("shop-a") as here:
        with shops.open("shop-b") as there:
            browser = here.enrol("tastes")
            phone = browser.phone
            wait_until(lambda: there.knows(phone), "the other shop knows them")
        browser.get("/p/me")
        browser.post("/p/erase")
        published = "SELECT count(*) FROM customer_message WHERE kind = 'erase' AND published_at"
        wait_until(
            lambda: (
                shops.central.con.execute(f"{published} IS NOT NULL".encode()).fetchone() == (1,)
            ),
            "the broker has it",
        )
        shops.broker.kill()  # and with it the session in which the erasure waited
        shops.broker.start()
        with shops.open("shop-b") as there:
            assert there.knows(phone)
            wait_until(lambda: not there.knows(phone), "it has heard of it", within_s=30)
