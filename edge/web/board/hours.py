"""The hours a board shows: its daypart, when that ends, and when the shop opens again."""

from datetime import datetime, timedelta
from typing import Final

from edge.catalog.site import WEEKDAYS, Daypart, SiteHeader
from edge.context.moment import Context
from edge.web.speech import Speech

WEEK: Final = 7


def heading(header: SiteHeader, context: Context, speech: Speech) -> tuple[str, str]:
    """Return the daypart's name and its hours; "All day" and no hours without one."""
    part = _daypart(header, context)
    if part is None:
        return speech.gettext("All day"), ""
    return speech.words(part.name), f"{speech.hour(part.start)}–{speech.hour(part.end)}"  # noqa: RUF001


def until_at(header: SiteHeader, context: Context) -> int:
    """Return when the daypart ends, in milliseconds since 1970; 0 without a daypart."""
    part = _daypart(header, context)
    if part is None:
        return 0
    local = context.local_at
    end = datetime.combine(local.date(), part.end, tzinfo=local.tzinfo)
    return int(end.timestamp() * 1000)


def reopening(header: SiteHeader, local_at: datetime, speech: Speech) -> str:
    """Return when the shop opens again, as a sentence; "" when no day is known."""
    for ahead in range(WEEK + 1):
        date = local_at + timedelta(days=ahead)
        day = header.opening.get(WEEKDAYS[date.weekday()])
        if day is None or (ahead == 0 and day.opens <= local_at.time()):
            continue
        hour = speech.hour(day.opens)
        if ahead == 0:
            return speech.gettext("Open again today at %(hour)s", hour=hour)
        if ahead == 1:
            return speech.gettext("Open again tomorrow at %(hour)s", hour=hour)
        weekday = speech.weekday(date.weekday())
        return speech.gettext("Open again on %(weekday)s at %(hour)s", weekday=weekday, hour=hour)
    return ""


def _daypart(header: SiteHeader, context: Context) -> Daypart | None:
    return next((part for part in header.dayparts if part.id == context.daypart_id), None)
