"""Opening hours and dayparts, in the shop's own time."""

from datetime import UTC, date, datetime

import pytest

from edge.catalog.hours import daypart_at, is_open_at, local, opening_on, opening_today
from edge.catalog.parse import parse_site
from edge.catalog.site import SiteHeader
from tests.fakes.site_texts import SITE_TEXTS, broken

HEADER = parse_site(SITE_TEXTS).header


def monday(hour: int, minute: int) -> datetime:
    return local(HEADER, datetime(2026, 3, 2, hour, minute, tzinfo=UTC))


@pytest.mark.parametrize(
    ("at", "is_open", "part"),
    [
        pytest.param(monday(7, 29), False, None, id="before opening"),
        pytest.param(monday(7, 30), True, "morning", id="at opening"),
        pytest.param(monday(10, 59), True, "morning", id="before a daypart ends"),
        pytest.param(monday(11, 0), True, "later", id="at the end of one and start of another"),
        pytest.param(monday(17, 59), True, "later", id="before closing"),
        pytest.param(monday(18, 0), False, None, id="at closing"),
    ],
)
def test_a_start_is_included_and_an_end_is_not(
    at: datetime, *, is_open: bool, part: str | None
) -> None:
    found = daypart_at(HEADER, at)

    assert is_open_at(HEADER, at) is is_open
    assert (found.id if found else None) == part


def test_a_weekday_that_is_left_out_is_closed() -> None:
    tuesday = local(HEADER, datetime(2026, 3, 3, 12, 0, tzinfo=UTC))

    assert opening_today(HEADER, tuesday) is None
    assert not is_open_at(HEADER, tuesday)
    assert opening_on(HEADER, date(2026, 3, 7)) == HEADER.opening["sat"]


def test_opening_follows_the_clock_on_the_wall_across_the_start_of_summer_time() -> None:
    # London: UTC until 29 March 2026, then UTC+1.
    before = local(HEADER, datetime(2026, 3, 23, 7, 0, tzinfo=UTC))
    after = local(HEADER, datetime(2026, 3, 30, 7, 0, tzinfo=UTC))

    assert (before.hour, is_open_at(HEADER, before)) == (7, False)
    assert (after.hour, is_open_at(HEADER, after)) == (8, True)


def night_shop() -> SiteHeader:
    texts = broken("site.yaml", "  sat:", "  sun: {opens: 00:30, closes: 03:00}\n  sat:")
    texts["site.yaml"] = texts["site.yaml"].replace(
        "- {id: morning,",
        "- {id: night, name: {en: a, de: b}, during: {en: a, de: b}, "
        "start: 01:00, end: 02:00}\n  - {id: morning,",
    )
    return parse_site(texts).header


def test_the_hour_that_comes_twice_is_in_the_same_daypart_both_times() -> None:
    # 25 October 2026, 02:00 summer time becomes 01:00 again: 00:30 and 01:30 UTC are both 01:30.
    header = night_shop()
    times = [local(header, datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1, 2)]
    parts = [daypart_at(header, at) for at in times]

    assert [at.strftime("%H:%M") for at in times] == ["01:30", "01:30", "02:30"]
    assert [part.id if part else None for part in parts] == ["night", "night", None]
    assert all(is_open_at(header, at) for at in times)


def test_the_hour_that_is_missing_never_comes() -> None:
    # 29 March 2026, 01:00 becomes 02:00: the whole daypart is skipped.
    header = night_shop()
    minutes = [
        local(header, datetime(2026, 3, 29, h, m, tzinfo=UTC)) for h in range(3) for m in (0, 59)
    ]

    assert [at.hour for at in minutes] == [0, 0, 2, 2, 3, 3]
    assert {part.id for at in minutes if (part := daypart_at(header, at))} == set()


def test_a_shop_far_from_utc_has_its_own_day() -> None:
    header = parse_site(broken("site.yaml", "Europe/London", "Pacific/Auckland")).header
    sunday_in_utc = local(header, datetime(2026, 3, 1, 20, 0, tzinfo=UTC))

    assert sunday_in_utc.date() == date(2026, 3, 2)
    assert is_open_at(header, sunday_in_utc)
