"""Moments and lengths of time as people read them, in the language of the request."""

from datetime import UTC, datetime, timedelta
from typing import Final

from babel.dates import format_datetime, format_timedelta

from edge.central.fleet.web.parts import built
from edge.web.i18n import speech

UNKNOWN: Final = "\u2013"


def moment(value: str | datetime | None) -> str:
    """Return a moment to the minute, in UTC: whoever looks is in another place than the shop."""
    at = _moment(value)
    if at is None:
        return UNKNOWN
    pattern = "d MMM HH:mm" if at.year == built().parts.clock().year else "d MMM y HH:mm"
    return f"{format_datetime(at, pattern, locale=speech().locale)} UTC"


def ago(value: str | datetime | None) -> str:
    """Return how long ago a moment is."""
    at = _moment(value)
    if at is None:
        return UNKNOWN
    delta = min(timedelta(0), at - built().parts.clock())
    return format_timedelta(delta, add_direction=True, locale=speech().locale)


def lasting(seconds: float | None) -> str:
    """Return a length of time."""
    if seconds is None:
        return UNKNOWN
    return format_timedelta(timedelta(seconds=max(0.0, seconds)), locale=speech().locale)


def _moment(value: str | datetime | None) -> datetime | None:
    if not value:
        return None
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else value
