"""The demo shop is open whenever somebody tries it, and says when its clock was moved."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.app.demo.shop_clock import demo_clock
from edge.core.clock import SettableClock
from tests.fakes import shop

LONDON = ZoneInfo("Europe/London")


def test_during_opening_hours_the_demo_has_the_real_time() -> None:
    clock = SettableClock(shop.NOON)

    assert demo_clock(shop.site(), clock) == (clock, timedelta(0))


def test_at_night_the_demo_says_it_is_a_quarter_past_noon_of_an_open_day() -> None:
    # A Friday night; the corner cafe opens on Mondays and Tuesdays.
    clock, shift = demo_clock(shop.site(), SettableClock(datetime(2026, 3, 6, 23, tzinfo=UTC)))

    assert clock().astimezone(LONDON) == datetime(2026, 3, 9, 12, 15, tzinfo=LONDON)
    assert shift > timedelta(0)


def test_a_demo_that_is_started_shortly_before_the_shop_closes_does_not_close() -> None:
    closes = shop.NOON.astimezone(LONDON).replace(hour=18, minute=0)  # the corner cafe on a Tuesday
    for before, is_moved in ((timedelta(hours=3), False), (timedelta(minutes=20), True)):
        clock, shift = demo_clock(shop.site(), SettableClock(closes - before))
        assert (shift != timedelta(0)) is is_moved
        assert (clock().astimezone(LONDON).hour == 12) is is_moved


def test_the_moved_clock_goes_on_ticking() -> None:
    real = SettableClock(datetime(2026, 3, 6, 23, tzinfo=UTC))
    clock, _ = demo_clock(shop.site(), real)
    before = clock()
    real.advance(timedelta(minutes=3))

    assert clock() - before == timedelta(minutes=3)
