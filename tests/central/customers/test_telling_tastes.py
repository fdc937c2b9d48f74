"""Other devices hear what a customer bought and told us: soon, not too often, and only what is allowed."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from edge.central.customers.profile_content import MAX_BYTES, Customer, content
from edge.core.chance import system_chance
from edge.identity.consent import ConsentEvent, Purpose
from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.profile import Profile, Purchase, Wishes
from edge.wire.profile_message import CustomerSaid
from tests.fakes.central_customers import CentralCustomers, Voice, said
from tests.fakes.device_events import NOON

TASTES, ORDERS = Purpose.TASTES, Purpose.PAST_ORDERS


class Shops:
    """A customer of three devices, all told of the enrolment."""

    def __init__(self, central: CentralCustomers) -> None:
        self.central = central
        self.here = central.voice("shop-1-1")
        self.beside = central.voice("shop-1-2")
        self.there = central.voice("shop-2-1", "shop-2")
        for voice in (self.beside, self.there):
            central.born(voice)
        self.ada = system_chance(32)
        self.consents = [said(TASTES, central.clock()), said(ORDERS, central.clock())]
        central.take(self.here.enrolment(self.ada, self.consents))
        central.tell()
        self.seen: dict[str, int] = {}
        self.news()

    def buy(self, voice: Voice, sku: str) -> None:
        bought = Profile(purchases=(Purchase(sku, day_of(self.central.clock()), 1),))
        self.central.take(*voice.tastes(self.ada, bought, self.consents))

    def news(self) -> dict[str, list[str]]:
        """Device -> products of each message it was written since the last time."""
        self.central.tell()
        found = {}
        for voice in (self.here, self.beside, self.there):
            messages = self.central.written(voice, "profile")
            new = messages[self.seen.get(voice.device, 0) :]
            self.seen[voice.device] = len(messages)
            if new:
                found[voice.device] = [_skus(message) for message in new]
        return found


def _skus(message: dict[str, Any]) -> str:
    (one,) = message["customers"]
    return " ".join(line["sku"] for line in one.get("purchases", ()))


@pytest.fixture
def shops(central: CentralCustomers) -> Shops:
    return Shops(central)


def test_every_device_but_the_one_that_said_it_hears_of_an_order(shops: Shops) -> None:
    shops.buy(shops.here, "latte")

    assert shops.news() == {"shop-1-2": ["latte"], "shop-2-1": ["latte"]}
    assert shops.news() == {}


def test_of_one_customer_devices_hear_at_most_once_a_minute(shops: Shops) -> None:
    shops.buy(shops.here, "latte")
    shops.news()
    for sku in ("cake", "mug", "tea"):
        shops.buy(shops.there, sku)
        assert shops.news() == {}

    shops.central.clock.advance(timedelta(minutes=1))

    told = ["cake latte mug tea"]
    assert shops.news() == {"shop-1-1": told, "shop-1-2": told}


def test_when_two_devices_spoke_both_hear_what_it_comes_to(shops: Shops) -> None:
    shops.buy(shops.here, "latte")
    shops.buy(shops.there, "tea")

    told = ["latte tea"]
    assert shops.news() == {"shop-1-1": told, "shop-1-2": told, "shop-2-1": told}


def test_what_is_known_already_is_told_to_nobody(shops: Shops) -> None:
    shops.buy(shops.here, "latte")
    shops.news()
    shops.central.clock.advance(timedelta(minutes=2))

    shops.buy(shops.there, "latte")

    assert shops.news() == {}


def test_for_a_device_that_is_long_away_nothing_piles_up_and_it_hears_all_when_it_is_back(
    shops: Shops,
) -> None:
    shops.central.gone(shops.there)
    shops.central.clock.advance(timedelta(days=1))
    shops.news()
    for sku in ("latte", "cake"):
        shops.buy(shops.here, sku)
        shops.central.clock.advance(timedelta(minutes=1))
        assert set(shops.news()) == {"shop-1-2"}

    shops.central.born(shops.there, 2)

    shops.seen["shop-2-1"] = 0
    assert shops.news() == {"shop-2-1": ["cake latte"]}


def test_after_a_withdrawal_nobody_is_told_of_it_any_more(shops: Shops) -> None:
    shops.buy(shops.here, "latte")
    shops.news()
    back = said(ORDERS, shops.central.clock(), "withdrawn", record_id=shops.consents[1].record_id)
    shops.central.take(shops.here.consent(shops.ada, back))
    shops.central.clock.advance(timedelta(minutes=1))

    assert shops.news() == {name: [""] for name in ("shop-1-1", "shop-1-2", "shop-2-1")}


def test_no_time_beside_a_customer_is_the_time_of_an_order(shops: Shops) -> None:
    shops.central.clock.advance(timedelta(seconds=17))
    shops.buy(shops.here, "latte")
    times = "SELECT due_at, told_at FROM customer_profile WHERE pseudonym = %s"
    for _ in range(2):
        row = shops.central.con.execute(times, (pseudonym_of(shops.ada),)).fetchone()
        assert row is not None
        assert all(at is None or (at.second, at.microsecond) == (0, 0) for at in row)
        shops.news()


def customer(profile: Profile, *consents: ConsentEvent) -> Customer:
    return Customer(bytes(8), bytes(32), 1, "en", NOON, consents, profile)


def test_a_profile_says_only_what_is_allowed_now() -> None:
    today = day_of(NOON)
    profile = Profile(
        Wishes(starred=frozenset({"latte"})), (Purchase("tea", today, 1),), {"cake": today}, NOON
    )

    assert set(content(customer(profile, said(TASTES, NOON)), NOON, 1)) >= {"wishes"}
    for purposes, names in (
        ([TASTES], {"wishes"}),
        ([ORDERS], {"purchases", "wrong"}),
        ([TASTES, ORDERS], {"wishes", "purchases", "wrong"}),
        ([Purpose.PHONE_OFFERS], set[str]()),
    ):
        found = content(customer(profile, *(said(one, NOON) for one in purposes)), NOON, 1)
        assert set(found) & {"wishes", "purchases", "wrong"} == names


def test_in_eight_kilobytes_the_oldest_purchases_go_first_and_consents_keep_their_place() -> None:
    today = day_of(NOON)
    lines = tuple(
        Purchase(f"a-product-of-a-long-name-{n:03}", today - n // 3, 1, is_gift=True, gift_said=1)
        for n in range(200)
    )
    wishes = Wishes(starred=frozenset(f"a-starred-product-{n}" for n in range(60)))
    consents = [said(one, NOON) for one in (TASTES, ORDERS)]

    found = content(customer(Profile(wishes, lines, {"cake": today}, NOON), *consents), NOON, 7)

    assert MAX_BYTES - 120 < len(orjson.dumps(found)) <= MAX_BYTES
    told = CustomerSaid.model_validate(orjson.loads(orjson.dumps(found)))
    assert len(told.consents) == 2
    assert len(told.day_keys) == 9
    assert told.profile.wishes == wishes
    assert told.profile.wrong == {"cake": today}
    assert 20 < len(told.purchases) < 200
    assert told.profile.purchases == lines[: len(told.purchases)]
