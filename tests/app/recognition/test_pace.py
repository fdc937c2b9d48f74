"""Trying to be recognised has a pace, for each screen its own."""

from datetime import UTC, datetime, timedelta

from edge.app.recognition.pace import AT_ONCE, MOST, Pace
from edge.core.clock import SettableClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_more_than_a_handful_at_once_is_too_many_and_three_more_come_each_second() -> None:
    clock = SettableClock(NOON)
    pace = Pace(clock)

    assert sum(pace.may("kiosk-1") for _ in range(100)) == AT_ONCE
    clock.advance(timedelta(seconds=1))
    assert sum(pace.may("kiosk-1") for _ in range(100)) == 3


def test_one_screen_that_is_flooded_does_not_slow_another() -> None:
    pace = Pace(SettableClock(NOON))
    for _ in range(100):
        pace.may("kiosk-1")

    assert pace.may("kiosk-2")


def test_a_clock_that_is_set_back_gives_no_more_tries() -> None:
    clock = SettableClock(NOON)
    pace = Pace(clock)
    for _ in range(100):
        pace.may("kiosk-1")
    clock.advance(-timedelta(hours=1))

    assert not pace.may("kiosk-1")


def test_names_without_end_take_no_memory_without_end() -> None:
    pace = Pace(SettableClock(NOON))
    for number in range(10 * MOST):
        pace.may(f"screen-{number}")

    assert len(pace._left) == MOST
