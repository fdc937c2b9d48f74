"""When the shop opens again, as a sentence."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from edge.catalog.site import OpeningDay, SiteHeader
from edge.web.board.hours import reopening, until_at
from edge.web.speech import Speeches
from tests.fakes.services import UI, FakeShop, harbour_kitchen

LONDON = ZoneInfo("Europe/London")
SPEECHES = Speeches(UI / "i18n")
HOURS = OpeningDay(opens=time(8), closes=time(17))


def header(*days: str) -> SiteHeader:
    base = harbour_kitchen().header
    return base.model_copy(update={"opening": dict.fromkeys(days, HOURS)})


@pytest.mark.parametrize(
    ("days", "moment", "expected"),
    [
        pytest.param(("tue",), (3, 6), "Open again today at 08:00", id="before opening"),
        pytest.param(("tue", "wed"), (3, 18), "Open again tomorrow at 08:00", id="after closing"),
        pytest.param(("tue", "fri"), (3, 18), "Open again on Friday at 08:00", id="days later"),
        pytest.param(("tue",), (3, 18), "Open again on Tuesday at 08:00", id="in a week"),
        pytest.param((), (3, 18), "", id="never"),
    ],
)
def test_the_next_opening_is_named(
    days: tuple[str, ...], moment: tuple[int, int], expected: str
) -> None:
    shop = header(*days)
    local = datetime(2026, 3, moment[0], moment[1], tzinfo=LONDON)

    assert reopening(shop, local, SPEECHES.speech(shop, "en")) == expected


def test_german_says_it_too() -> None:
    shop = header("fri")
    local = datetime(2026, 3, 3, 18, tzinfo=LONDON)

    assert reopening(shop, local, SPEECHES.speech(shop, "de")) == "Wieder am Freitag ab 08:00 Uhr"


def test_the_end_of_the_daypart_is_a_moment_also_in_summer_time() -> None:
    shop = FakeShop()
    shop.clock.at = datetime(2026, 7, 7, 12, tzinfo=LONDON).astimezone(ZoneInfo("UTC"))

    ends = until_at(shop.site.header, shop.context("signage"))

    assert datetime.fromtimestamp(ends / 1000, LONDON).time() == time(14, 30)
