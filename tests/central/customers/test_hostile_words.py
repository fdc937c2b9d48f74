"""What one hostile device says of customers holds up nobody else: not their messages, not their data."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from edge.central.bridge.sink import Arrived
from edge.central.customers import consent_rows
from edge.central.customers.erased_marks import MOST_KNOWN
from edge.central.customers.profiles import merge_in
from edge.central.customers.tables import alone
from edge.core.chance import system_chance
from edge.core.errors import WireContractError
from edge.identity.consent import Purpose, purposes_in_force
from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.profile import MAX_GIFT_SAID, Profile, Purchase, Wishes, marked_as_gift
from edge.identity.sealing import seal
from edge.wire.customer_events import ENROLMENT_INFO
from edge.wire.profile_message import ProfileSaid
from tests.fakes.central_customers import GROUP, CentralCustomers, Voice, said

TASTES, ORDERS = Purpose.TASTES, Purpose.PAST_ORDERS


@pytest.fixture
def honest(central: CentralCustomers) -> Voice:
    voice = central.voice("shop-1-1")
    central.born(voice)
    return voice


@pytest.fixture
def hostile(central: CentralCustomers) -> Voice:
    voice = central.voice("shop-2-1", "shop-2")
    central.born(voice)
    return voice


def enrolled(central: CentralCustomers, shop: Voice) -> bytes:
    key, now = system_chance(32), central.clock()
    central.take(shop.enrolment(key, [said(one, now) for one in Purpose]))
    return key


def enrolment_saying(shop: Voice, consents: list[dict[str, object]]) -> Arrived:
    """Somebody who was made up, and what a device of ours would not say of them."""
    key = system_chance(32)
    plain = {
        "beacon_key": key.hex(),
        "group": GROUP,
        "pseudonym": pseudonym_of(key).hex(),
        "since_at": shop.clock(),
        "device_key": shop.exchange_key.hex(),
        "consents": consents,
    }
    sealed = seal(orjson.dumps(plain), shop.central_key, ENROLMENT_INFO)
    properties = {"subject_sealed": b64encode(sealed).decode()}
    return shop._arrived(shop._events._event("enrolment", "Customer Enrolled", properties))


def given(shop: Voice, **change: object) -> dict[str, object]:
    one = said(TASTES, shop.clock())
    plain = {"event_id": one.event_id, "record_id": one.record_id, "purpose": TASTES}
    return {**plain, "state": "given", "at": one.at, **change}


def told(central: CentralCustomers, shop: Voice) -> set[str]:
    """Whom ``shop`` is told of, in messages that a device takes."""
    central.clock.advance(timedelta(minutes=2))
    central.tell()
    messages = [ProfileSaid.model_validate(one) for one in central.written(shop, "profile")]
    return {one.pseudonym for message in messages for one in message.customers}


@pytest.mark.parametrize("change", [{"record_id": ""}, {"state": "requested"}])
def test_nobody_who_is_made_up_spoils_the_messages_about_others(
    central: CentralCustomers, honest: Voice, hostile: Voice, change: dict[str, object]
) -> None:
    ada = enrolled(central, honest)
    word = enrolment_saying(hostile, [given(hostile), given(hostile, **change)])
    if "record_id" in change:
        with pytest.raises(WireContractError, match="record_id"):
            central.take(word)
    else:
        central.take(word)

    assert pseudonym_of(ada).hex() in told(central, honest)


def test_a_mark_said_as_often_as_can_be_stops_no_message(
    central: CentralCustomers, honest: Voice, hostile: Voice
) -> None:
    ada, ben = enrolled(central, honest), enrolled(central, honest)
    worst = Purchase("latte", day_of(central.clock()), 1, is_gift=True, gift_said=MAX_GIFT_SAID)
    central.take(*hostile.tastes(ada, Profile(purchases=(worst,))))

    taken_back = marked_as_gift(central.profile(ada), "latte", None, is_gift=False)
    say_at_home(central, ada, taken_back)

    assert {pseudonym_of(one).hex() for one in (ada, ben)} <= told(central, honest)


def test_wishes_of_a_clock_that_is_days_ahead_are_not_taken(
    central: CentralCustomers, honest: Voice, hostile: Voice
) -> None:
    ada = enrolled(central, honest)
    ahead = central.clock().replace(year=2100, month=12, day=31)
    made_up = Profile(Wishes(muted=frozenset({"coffee"})), wishes_changed_at=ahead)

    central.take(*hostile.tastes(ada, made_up))
    assert central.profile(ada).wishes == Wishes()
    a_little = replace(made_up, wishes_changed_at=central.clock() + timedelta(hours=20))
    central.take(*hostile.tastes(ada, a_little))
    assert central.profile(ada).wishes.muted == {"coffee"}


def test_what_could_not_be_read_again_is_not_kept(central: CentralCustomers, honest: Voice) -> None:
    ada = enrolled(central, honest)
    with pytest.raises(WireContractError, match="words that can be kept"):
        say_at_home(central, ada, Profile(Wishes(name="x" * 41), wishes_changed_at=central.clock()))
    assert central.profile(ada) == Profile()


def test_withdrawals_without_end_fill_nothing_and_still_end_consent(
    central: CentralCustomers, honest: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent_rows, "MOST", 10)
    ada = enrolled(central, honest)
    for _ in range(3):
        central.take(
            honest.consent(ada, *(said(TASTES, central.clock(), "withdrawn") for _ in range(20)))
        )
    assert set(allowed(central, ada)) == set(Purpose) - {TASTES}

    central.take(honest.consent(ada, said(ORDERS, central.clock(), "withdrawn")))

    assert ORDERS not in allowed(central, ada)
    (kept,) = central.con.execute("SELECT count(*) FROM consent_event").fetchone() or ()
    assert kept <= 20
    central.take(honest.consent(ada, said(ORDERS, central.clock() + timedelta(days=1))))
    assert ORDERS not in allowed(central, ada)


def test_a_mark_of_an_erasure_grows_no_further_than_a_consent_can_know(
    central: CentralCustomers, honest: Voice, hostile: Voice
) -> None:
    ada = enrolled(central, honest)
    central.take(honest.erasure(ada))
    for _ in range(4):
        withdrawn = [said(TASTES, central.clock(), "withdrawn") for _ in range(100)]
        central.take(hostile.consent(ada, *withdrawn))
    central.take(hostile.consent(ada, said(ORDERS, central.clock(), "withdrawn")))

    row = central.con.execute("SELECT withdrawn FROM customer_erased").fetchone()
    assert row is not None
    numbers = [bytes(one)[-1] for one in row[0]]
    assert numbers.count(tuple(Purpose).index(TASTES)) <= MOST_KNOWN + 100
    assert tuple(Purpose).index(ORDERS) in numbers  # what comes later of another purpose counts


def say_at_home(central: CentralCustomers, key: bytes, profile: Profile) -> None:
    with central.con.transaction(), central.con.cursor() as cur:
        alone(cur)
        keys, now = central.part.keys, central.clock()
        merge_in(cur, keys, pseudonym_of(key), profile, now, told_by="")


def allowed(central: CentralCustomers, key: bytes) -> set[Purpose]:
    with central.con.cursor() as cur:
        return set(purposes_in_force(consent_rows.of(cur, pseudonym_of(key)), central.clock()))
