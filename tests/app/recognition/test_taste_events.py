"""Central learns what a customer bought and told us here: once, sealed, and only what they allow."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.catalog.order import Line, Order, price
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.ids import uuid7
from edge.identity.consent import Notice, Purpose
from edge.identity.day_keys import day_key, day_of, pseudonym_of
from edge.identity.profile import Profile
from edge.identity.sealing import seal, unseal
from edge.wire.profile_message import PROFILE_INFO
from edge.wire.taste_event import TASTE_INFO
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.customer import NOTICE, Bare, Customer, bare

CENTRAL = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
KEY = CENTRAL.public_key().public_bytes_raw().hex()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(LUNCH_AT)


@pytest.fixture
def built(tmp_path: Path, clock: SettableClock) -> Iterator[Bare]:
    with bare(tmp_path, clock, **{"recognition.central_key": KEY}) as found:
        yield found


@pytest.fixture
def ada(built: Bare, clock: SettableClock) -> Customer:
    found = Customer.enrolled(built, clock)
    found.parts.from_central.report()
    return found


def buy(one: Customer, built: Bare, sku: str, quantity: int = 1) -> None:
    presence = one.parts.recognise.presence("kiosk-1") or one.come()
    now = one.clock()
    line = price(built.shop, Line(sku, {}, quantity))
    order = Order(
        order_id=uuid7(now, system_chance),
        display_no=1,
        lines=(line,),
        total_minor=line.total_minor,
        currency="GBP",
        service="take_away",
        taken_at=now,
        screen_id="kiosk-1",
        visit_id=None,
    )
    one.parts.recognise.bought(presence, order)


def told(built: Bare) -> list[dict[str, Any]]:
    """What central opens of what waits for it."""
    bodies = [orjson.loads(row.body) for row in built.store.reads.waiting("c", 500)]
    sealed = [
        b64decode(body["data"]["properties"]["subject_sealed"])
        for body in bodies
        if body["data"]["event"] == "Customer Profile Changed"
    ]
    return [orjson.loads(unseal(one, CENTRAL.private_bytes_raw(), TASTE_INFO)) for one in sealed]


def bought(plain: dict[str, Any]) -> list[tuple[str, int]]:
    return [(line["sku"], line["count"]) for line in plain["purchases"]]


def profile(one: Customer) -> Profile:
    return one.pages.my_data(one.visit).profile


def hear(one: Customer, built: Bare, **more: object) -> None:
    """Take central's word about them."""
    today, now = day_of(one.clock()), one.clock()
    key = one.phone.beacon_key
    said = {
        "pseudonym": pseudonym_of(key).hex(),
        "day_keys": {str(d): day_key(key, 1, d).hex() for d in range(today - 1, today + 8)},
        "consents": [consent("given", "past_orders", 1, now - timedelta(days=9))],
        **more,
    }
    sealed = seal(orjson.dumps({"customers": [said]}), built.store.keys.exchange_key, PROFILE_INFO)
    envelope = {
        "version": 1,
        "message_id": "019c0000-0000-7000-8000-000000000001",
        "sent_at": now,
        "sealed": b64encode(sealed).decode(),
    }
    one.parts.from_central.profile(orjson.dumps(envelope))


def consent(state: str, purpose: str, number: int, at: object, knows: Any = ()) -> dict[str, Any]:  # noqa: ANN401
    return {
        "event_id": f"019c0000-0000-7000-8000-0000000000{number:02}",
        "record_id": f"019c0000-0000-7000-8000-0000000001{number:02}",
        "purpose": purpose,
        "state": state,
        "at": at,
        "knows": list(knows),
    }


def test_an_order_leaves_with_its_profile_in_absolute_counts(built: Bare, ada: Customer) -> None:
    buy(ada, built, "latte")
    buy(ada, built, "latte", 2)
    buy(ada, built, "croissant")

    assert [bought(one) for one in told(built)] == [
        [("latte", 1)],
        [("latte", 3)],
        [("croissant", 1)],
    ]
    assert {one["pseudonym"] for one in told(built)} == {pseudonym_of(ada.phone.beacon_key).hex()}


def test_a_wish_leaves_whole_and_a_correction_by_itself(built: Bare, ada: Customer) -> None:
    buy(ada, built, "latte")
    ada.change(star="latte")
    ada.change(mute="chai")
    ada.change(star="latte")  # which it is already
    ada.change(gift="latte")
    ada.change(wrong="latte")

    _, star, mute, gift, wrong = told(built)
    assert (star["wishes"]["starred"], star["wishes"]["muted"]) == (["latte"], [])
    assert (mute["wishes"]["starred"], mute["wishes"]["muted"]) == (["latte"], ["chai"])
    assert gift["purchases"][0] | {"day": 0} == {
        "sku": "latte",
        "day": 0,
        "count": 1,
        "is_gift": True,
        "gift_said": 1,
    }
    assert "wishes" not in gift
    assert wrong["wrong"] == {"latte": day_of(LUNCH_AT)}


def test_before_central_knows_them_it_is_told_nothing_and_then_all_of_it(
    built: Bare, clock: SettableClock
) -> None:
    ada = Customer.enrolled(built, clock)
    buy(ada, built, "latte")
    ada.change(star="croissant")
    assert told(built) == []

    ada.parts.from_central.report()
    ada.parts.from_central.report()

    (all_of_it,) = told(built)
    assert bought(all_of_it) == [("latte", 1)]
    assert all_of_it["wishes"]["starred"] == ["croissant"]


def test_whom_central_knows_from_another_shop_before_they_were_reported_here_is_told_of_too(
    built: Bare, clock: SettableClock
) -> None:
    ada = Customer.enrolled(built, clock)
    buy(ada, built, "latte")

    hear(ada, built, purchases=[{"sku": "flat-white", "day": day_of(LUNCH_AT), "count": 1}])

    assert [bought(one) for one in told(built)] == [[("latte", 1)]]


def test_what_came_from_central_is_not_said_back(built: Bare, ada: Customer) -> None:
    today = day_of(LUNCH_AT)
    hear(
        ada,
        built,
        purchases=[{"sku": "latte", "day": today, "count": 2}],
        wishes={"starred": ["croissant"], "changed_at": LUNCH_AT},
        wrong={"scone-cream": today},
    )
    assert profile(ada).wishes.starred == {"croissant"}
    assert told(built) == []

    buy(ada, built, "latte")

    assert [bought(one) for one in told(built)] == [[("latte", 3)]]


def test_only_what_they_allow_leaves(built: Bare, clock: SettableClock) -> None:
    ada = Customer.enrolled(built, clock, [Purpose.PAST_ORDERS])
    ada.parts.from_central.report()
    buy(ada, built, "latte")
    ada.allow(Purpose.TASTES)
    buy(ada, built, "croissant")
    ada.change(star="latte")

    first, second = told(built)
    assert bought(first) == [("latte", 1)]
    assert bought(second) == []
    assert second["wishes"]["starred"] == ["latte"]


def test_under_a_notice_that_changed_nothing_leaves(built: Bare, ada: Customer) -> None:
    buy(ada, built, "latte")
    ada.parts.known._notices = (Notice(NOTICE.notice_id, "2.0", b"", b"", ""),)

    ada.change(gift="latte")

    assert [bought(one) for one in told(built)] == [[("latte", 1)]]


def test_what_is_told_says_which_withdrawals_were_known(built: Bare, ada: Customer) -> None:
    buy(ada, built, "latte")
    ada.allow(Purpose.TASTES, Purpose.PHONE_OFFERS)
    ada.allow(*Purpose)
    buy(ada, built, "latte")

    first, second = told(built)
    assert first["knows"] == {"tastes": [], "past_orders": []}
    assert [len(second["knows"][name]) for name in ("tastes", "past_orders")] == [0, 1]


def test_without_centrals_key_nothing_leaves(tmp_path: Path, clock: SettableClock) -> None:
    with bare(tmp_path / "alone", clock) as alone:
        ada = Customer.enrolled(alone, clock)
        ada.parts.from_central.report()
        buy(ada, alone, "latte")

        assert told(alone) == []
        assert profile(ada).purchases


def test_wrong_elsewhere_is_wrong_here(built: Bare, ada: Customer) -> None:
    buy(ada, built, "latte")
    buy(ada, built, "croissant")

    hear(ada, built, wrong={"latte": day_of(LUNCH_AT)})

    assert [one.sku for one in profile(ada).purchases] == ["croissant"]


def test_what_was_bought_here_ends_with_a_withdrawal_elsewhere_though_they_consented_again(
    built: Bare, ada: Customer, clock: SettableClock
) -> None:
    buy(ada, built, "latte")
    back = consent("withdrawn", "past_orders", 2, clock())
    again = consent("given", "past_orders", 3, clock(), [back["event_id"]])

    hear(
        ada,
        built,
        consents=[back, again],
        purchases=[{"sku": "croissant", "day": day_of(LUNCH_AT), "count": 1}],
    )

    assert [one.sku for one in profile(ada).purchases] == ["croissant"]


def test_what_central_says_without_knowing_of_a_withdrawal_here_is_not_taken(
    built: Bare, ada: Customer
) -> None:
    ada.allow(Purpose.TASTES)
    ada.allow(*Purpose)

    hear(ada, built, purchases=[{"sku": "latte", "day": day_of(LUNCH_AT), "count": 1}])

    assert profile(ada).purchases == ()


def test_a_wish_said_here_after_one_from_a_fast_clock_elsewhere_holds(
    built: Bare, ada: Customer, clock: SettableClock
) -> None:
    fast = {"starred": ["croissant"], "changed_at": clock() + timedelta(days=300)}
    hear(ada, built, wishes=fast)
    ada.change(unstar="croissant")

    hear(ada, built, wishes=fast)

    assert profile(ada).wishes.starred == frozenset()
