"""What devices are told of customers, when, and how often."""

from datetime import timedelta

import orjson
import pytest

from edge.central.customers import telling
from edge.central.customers.sealed_message import Letter, write
from edge.central.customers.telling import GRACE
from edge.core.chance import system_chance
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_key, day_of, pseudonym_of
from edge.wire.profile_message import CustomerSaid
from tests.fakes.central_customers import GROUP, CentralCustomers, Voice, said

TASTES, ORDERS = Purpose.TASTES, Purpose.PAST_ORDERS


def pseudonyms(messages: list[dict[str, object]]) -> list[list[str]]:
    return [
        [one["pseudonym"] for one in message["customers"]]  # type: ignore[attr-defined]
        for message in messages
    ]


def enrolled(central: CentralCustomers, shop: Voice) -> bytes:
    ada = system_chance(32)
    central.take(shop.enrolment(ada, [said(TASTES, central.clock())]))
    return ada


def test_every_device_of_the_group_gets_keys_that_follow_from_the_phones(
    central: CentralCustomers,
) -> None:
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    other = central.voice("shop-3-1", "shop-3")
    central.born(there)
    central.born(other, group=GROUP + 1)
    ada = enrolled(central, here)
    central.tell()

    (message,) = central.written(there, "profile")
    (one,) = message["customers"]
    today = day_of(central.clock())
    told = CustomerSaid.model_validate(one)
    assert told.pseudonym == pseudonym_of(ada).hex()
    assert dict(told.keys_by_day()) == {
        day: day_key(ada, GROUP, day) for day in range(today - 1, today + 8)
    }
    assert [consent.purpose for consent in told.consents] == [TASTES]
    assert central.written(other, "profile") == []
    assert pseudonyms(central.written(here, "profile")) == [[told.pseudonym]]


def test_in_a_site_only_its_own_devices_are_told(central: CentralCustomers) -> None:
    central.telling._rules = type(central.telling._rules)("site", 3)
    here, beside = central.voice("shop-1-1"), central.voice("shop-1-2")
    there = central.voice("shop-2-1", "shop-2")
    for voice in (beside, there):
        central.born(voice)
    enrolled(central, here)
    central.tell()

    assert len(central.written(beside, "profile")[0]["customers"][0]["day_keys"]) == 5
    assert central.written(there, "profile") == []


def test_day_keys_are_renewed_each_day_and_only_for_who_is_there(
    central: CentralCustomers,
) -> None:
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    central.born(there)
    enrolled(central, here)
    central.tell()
    central.tell()
    assert len(central.written(there, "profile")) == 1

    central.clock.advance(timedelta(days=1))
    central.gone(there)
    central.tell()
    assert len(central.written(there, "profile")) == 1  # of yesterday, still waiting

    central.clock.advance(timedelta(days=1))
    central.born(there, 2)
    central.tell()
    (message,) = central.written(there, "profile")
    days = [int(day) for day in message["customers"][0]["day_keys"]]
    assert min(days) == day_of(central.clock()) - 1


def test_an_erasure_goes_to_every_device_that_holds_them_but_the_one_that_said_it(
    central: CentralCustomers,
) -> None:
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    never = central.voice("shop-9-1", "shop-9")
    central.born(there)
    ada = enrolled(central, here)
    central.tell()
    central.born(never)
    central.take(there.erasure(ada))

    told = {"pseudonyms": [pseudonym_of(ada).hex()]}
    assert central.written(here, "erase") == [told]
    assert central.written(there, "erase") == central.written(never, "erase") == []
    central.tell()
    assert [central.written(one, "profile") for one in (here, there, never)] == [[], [], []]


def test_who_allows_nothing_is_forgotten_after_a_while_unless_a_yes_was_overtaken(
    central: CentralCustomers,
) -> None:
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    central.born(there)
    ada = system_chance(32)
    tastes, orders = said(TASTES, central.clock()), said(ORDERS, central.clock())
    back = said(TASTES, central.clock(), "withdrawn", record_id=tastes.record_id)
    late = here.consent(ada, orders)
    central.take(here.enrolment(ada, [tastes]), here.consent(ada, back))
    central.tell()
    central.clock.advance(GRACE / 2)
    central.take(late)
    central.clock.advance(GRACE)
    central.tell()
    assert central.is_known(ada)

    central.take(
        here.consent(ada, said(ORDERS, central.clock(), "withdrawn", record_id=orders.record_id))
    )
    central.tell()
    assert central.written(there, "erase") == []
    central.clock.advance(GRACE)
    central.tell()
    assert not central.is_known(ada)
    assert len(central.written(there, "erase")) == 1


def test_a_device_that_was_away_gets_what_it_had_not_taken_and_nothing_else(
    central: CentralCustomers,
) -> None:
    shop = central.voice("shop-1-1")
    central.born(shop)
    with central.con.transaction(), central.con.cursor() as cur:
        for number in range(3):
            content = {"pseudonyms": [f"{number:016x}"]}
            letter = Letter(shop.device, "erase", content, central.clock())
            central.tell()
            write(cur, central.part.keys.writing, letter)
    central.con.execute("UPDATE customer_message SET published_at = now()")
    stamps = central.con.execute("SELECT stamp FROM customer_message ORDER BY number").fetchall()
    central.clock.advance(timedelta(days=40))
    central.born(shop, 2, heard={"erase": stamps[0][0]})
    central.tell()

    left = central.con.execute(
        "SELECT stamp, published_at FROM customer_message WHERE kind = 'erase' ORDER BY number"
    ).fetchall()
    assert left == [(stamps[1][0], None), (stamps[2][0], None)]


def test_stamps_grow_though_the_clock_goes_back(central: CentralCustomers) -> None:
    here = central.voice("shop-1-1")
    enrolled(central, here)
    central.tell()
    central.clock.advance(timedelta(hours=-3))
    enrolled(central, here)
    central.tell()

    stamps = central.con.execute("SELECT stamp FROM customer_message ORDER BY number").fetchall()
    assert len(stamps) > 1
    assert stamps == sorted(stamps)


def test_another_disk_gets_everything_anew_and_nothing_sealed_to_the_old_one(
    central: CentralCustomers,
) -> None:
    shop = central.voice("shop-1-1")
    central.born(shop)
    ada = enrolled(central, shop)
    central.tell()
    fresh = central.voice("shop-1-1")
    central.born(fresh, 1, changed=True)
    central.con.execute("UPDATE device SET epoch = 'another'")
    central.tell()

    assert pseudonyms(central.written(fresh, "profile")) == [[pseudonym_of(ada).hex()]]


def test_many_customers_come_in_messages_that_a_device_takes(central: CentralCustomers) -> None:
    shop, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    central.sink.write(
        [
            shop.enrolment(system_chance(32), [said(TASTES, central.clock()) for _ in range(30)])
            for _ in range(40)
        ]
    )
    central.born(there)
    central.tell()

    sizes = central.con.execute(
        "SELECT length(payload) FROM customer_message WHERE device = 'shop-2-1'"
    ).fetchall()
    told = [one for message in central.written(there, "profile") for one in message["customers"]]
    assert len(sizes) > 1
    assert max(size for (size,) in sizes) < 200_000
    assert len({one["pseudonym"] for one in told}) == 40
    assert max(len(orjson.dumps(one)) for one in told) <= 8 * 1024


def test_a_device_of_many_customers_is_renewed_page_by_page(
    central: CentralCustomers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_PAGE", 3)
    shop = central.voice("shop-1-1")
    central.born(shop)
    everybody = {pseudonym_of(enrolled(central, shop)).hex() for _ in range(7)}
    central.tell()
    central.clock.advance(timedelta(days=1))
    central.tell()

    told = pseudonyms(central.written(shop, "profile"))
    assert [len(one) for one in told] == [3, 3, 1]
    assert {name for one in told for name in one} == everybody
