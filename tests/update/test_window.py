"""Downloads and swaps begin when the shop's own clock says so."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.update.window import ShopWindow, shop_window

BERLIN = ZoneInfo("Europe/Berlin")
FORWARD = datetime(2026, 3, 29, tzinfo=UTC)  # 02:00 becomes 03:00
BACK = datetime(2026, 10, 25, tzinfo=UTC)  # 03:00 becomes 02:00


def minutes_open(window: ShopWindow, night: datetime) -> int:
    begins = night - timedelta(hours=6)
    return sum(window.is_open(begins + timedelta(minutes=one)) for one in range(24 * 60))


@pytest.mark.parametrize(
    ("local", "is_open"), [("01:59", False), ("02:00", True), ("04:29", True), ("04:30", False)]
)
def test_it_is_open_from_its_first_minute_until_its_last(local: str, is_open: bool) -> None:
    window = shop_window("02:00", "04:30", BERLIN)
    at = datetime.combine(datetime(2026, 1, 7), time.fromisoformat(local), BERLIN)  # noqa: DTZ001

    assert window.is_open(at.astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("local", "is_open"), [("21:59", False), ("22:00", True), ("00:00", True), ("05:00", False)]
)
def test_it_may_lie_over_midnight(local: str, is_open: bool) -> None:
    window = shop_window("22:00", "05:00", BERLIN)
    at = datetime.combine(datetime(2026, 1, 7), time.fromisoformat(local), BERLIN)  # noqa: DTZ001

    assert window.is_open(at.astimezone(UTC)) is is_open


def test_the_same_time_twice_is_always_open() -> None:
    assert minutes_open(shop_window("00:00", "00:00", BERLIN), BACK) == 24 * 60


def test_it_follows_the_wall_when_clocks_change() -> None:
    window = shop_window("01:30", "04:00", BERLIN)

    assert minutes_open(window, datetime(2026, 1, 7, tzinfo=UTC)) == 150
    assert minutes_open(window, FORWARD) == 90
    assert minutes_open(window, BACK) == 210


def test_a_window_in_the_hour_that_is_left_out_opens_the_night_after() -> None:
    window = shop_window("02:10", "02:50", BERLIN)

    assert minutes_open(window, FORWARD) == 0
    assert minutes_open(window, FORWARD + timedelta(days=1)) == 40
