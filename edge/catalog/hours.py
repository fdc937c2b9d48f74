"""When a shop is open and which daypart it is, in the shop's own time.

A local time comes from a moment with ``local``, never from arithmetic on wall clocks: on two
days of the year an hour is missing or comes twice.
"""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from edge.catalog.site import WEEKDAYS, Daypart, OpeningDay, SiteHeader


def local(header: SiteHeader, at: datetime) -> datetime:
    """Return the moment ``at`` (aware) in the shop's own time."""
    return at.astimezone(ZoneInfo(header.timezone))


def daypart_at(header: SiteHeader, local_at: datetime) -> Daypart | None:
    """Return the daypart that ``local_at`` (shop time) is in, open or not; None between them."""
    now = local_at.time()
    return next((part for part in header.dayparts if part.start <= now < part.end), None)


def opening_on(header: SiteHeader, day: date) -> OpeningDay | None:
    """Return the opening hours of ``day`` (shop time); None on a closed day."""
    return header.opening.get(WEEKDAYS[day.weekday()])


def opening_today(header: SiteHeader, local_at: datetime) -> OpeningDay | None:
    """Return the opening hours of the day that ``local_at`` (shop time) is in."""
    return opening_on(header, local_at.date())


def is_open_at(header: SiteHeader, local_at: datetime) -> bool:
    """Return whether the shop is open at ``local_at`` (shop time); at closing time it is not."""
    hours = opening_today(header, local_at)
    return hours is not None and hours.opens <= local_at.time() < hours.closes


def mistakes_in_hours(header: SiteHeader) -> Iterator[str]:
    """Yield what is wrong with the opening hours and the dayparts."""
    for day, hours in header.opening.items():
        if hours.closes <= hours.opens:
            yield (
                f"site.yaml: opening.{day}.closes: wanted a time after opens ({hours.opens:%H:%M}) "
                f'and before midnight, found "{hours.closes:%H:%M}"'
            )
    yield from _mistakes_in_dayparts(header)


def _mistakes_in_dayparts(header: SiteHeader) -> Iterator[str]:
    opens = min(hours.opens for hours in header.opening.values())
    closes = max(hours.closes for hours in header.opening.values())
    for part in header.dayparts:
        span = f'"{part.start:%H:%M}" to "{part.end:%H:%M}"'
        if part.end <= part.start:
            yield f"site.yaml: dayparts.{part.id}: wanted an end after its start, found {span}"
        elif part.start < opens or part.end > closes:
            yield (
                f"site.yaml: dayparts.{part.id}: wanted times within opening hours "
                f"({opens:%H:%M} to {closes:%H:%M}), found {span}"
            )
    for first, second in pairwise(sorted(header.dayparts, key=lambda part: part.start)):
        if second.start < first.end:
            yield (
                f"site.yaml: dayparts.{second.id}: wanted a start after {first.id} ends "
                f'({first.end:%H:%M}), found "{second.start:%H:%M}"'
            )
