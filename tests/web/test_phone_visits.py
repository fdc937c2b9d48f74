"""A phone is answered for ten minutes, and a copy of the table opens nothing."""

from datetime import UTC, datetime, timedelta

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.profile import CustomerId
from edge.web.phone_visits import MAX_VISITS, PhoneVisits

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AMIRA = CustomerId(b"a" * 16)


def test_a_phone_is_answered_for_ten_minutes_from_its_last_request() -> None:
    clock = SettableClock(NOON)
    phones = PhoneVisits(clock, system_chance)
    key = phones.begin(AMIRA, None).key

    clock.at = NOON + timedelta(minutes=9)
    assert phones.state(key) is not None
    clock.at = NOON + timedelta(minutes=18, seconds=59)
    assert phones.state(key) is not None
    clock.at = NOON + timedelta(minutes=29)
    assert phones.state(key) is None


def test_the_table_holds_no_key() -> None:
    phones = PhoneVisits(SettableClock(NOON), system_chance)
    key = phones.begin(AMIRA, "kiosk-1").key

    assert key not in repr(vars(phones))
    assert "customer_id" not in repr(phones.state(key))


def test_an_erased_customers_phone_is_answered_no_more() -> None:
    phones = PhoneVisits(SettableClock(NOON), system_chance)
    key = phones.begin(AMIRA, None).key
    other = phones.begin(None, "kiosk-1").key

    phones.forget(AMIRA)

    assert phones.state(key) is None
    assert phones.state(other) is not None


def test_many_phones_push_out_the_longest_silent_one() -> None:
    clock = SettableClock(NOON)
    phones = PhoneVisits(clock, system_chance)
    first = phones.begin(None, None).key
    for number in range(MAX_VISITS):
        clock.at = NOON + timedelta(seconds=number + 1)
        phones.begin(None, None)

    assert phones.state(first) is None
