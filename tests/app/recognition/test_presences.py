"""A presence lasts as long as the customer wants it to, and never longer than ten minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.app.recognition.presences import Presences
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.identity.presence import Presented
from edge.identity.profile import CustomerId

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AMIRA, BEN = CustomerId(b"a" * 16), CustomerId(b"b" * 16)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def presences(clock: SettableClock) -> Presences:
    return Presences(clock, system_chance)


def test_a_presence_ends_by_itself_after_ten_minutes(
    presences: Presences, clock: SettableClock
) -> None:
    left: list[str] = []
    presences.left = left.append
    begun = presences.begin("kiosk-1", AMIRA, Presented.CODE)

    clock.at = NOON + timedelta(minutes=9, seconds=59)
    assert presences.at("kiosk-1") == begun
    clock.at = NOON + timedelta(minutes=10)
    assert presences.at("kiosk-1") is None
    presences.expire()

    assert left == ["kiosk-1"]
    assert presences.all() == ()


def test_a_clock_that_is_set_back_ends_a_presence_rather_than_lengthening_it(
    presences: Presences, clock: SettableClock
) -> None:
    presences.begin("kiosk-1", AMIRA, Presented.CODE)

    clock.at = NOON - timedelta(hours=1)

    assert presences.at("kiosk-1") is None


def test_whoever_presents_a_token_next_takes_the_screen(presences: Presences) -> None:
    first = presences.begin("kiosk-1", AMIRA, Presented.CODE)
    second = presences.begin("kiosk-1", BEN, Presented.CODE)

    assert presences.living(first.presence_id) is None
    assert presences.at("kiosk-1") == second


def test_a_customer_is_at_one_screen_at_a_time(presences: Presences) -> None:
    left: list[str] = []
    presences.left = left.append
    presences.begin("kiosk-1", AMIRA, Presented.CODE)
    presences.begin("kiosk-2", AMIRA, Presented.TAP)

    assert presences.at("kiosk-1") is None
    assert presences.screen_of(AMIRA) == "kiosk-2"
    assert left == ["kiosk-1"]


def test_disconnecting_ends_the_customers_presence_and_nobody_elses(presences: Presences) -> None:
    presences.begin("kiosk-1", AMIRA, Presented.CODE)
    presences.begin("kiosk-2", BEN, Presented.CODE)

    presences.end_of(AMIRA)

    assert [p.screen_id for p in presences.all()] == ["kiosk-2"]


def test_a_presence_names_nobody_where_it_is_printed(presences: Presences) -> None:
    begun = presences.begin("kiosk-1", AMIRA, Presented.CODE)

    assert "aaaa" not in repr(begun)
    assert AMIRA.hex() not in repr(begun)
