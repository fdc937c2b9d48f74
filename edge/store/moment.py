"""Moments as the database keeps them: whole milliseconds, or whole days, since 1970, UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)


def to_ms(at: datetime) -> int:
    """Return the aware moment ``at`` in milliseconds, rounded down."""
    return (at - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """Return the moment ``ms`` as an aware UTC datetime."""
    return _EPOCH + ms * _MILLISECOND


def to_day(at: datetime) -> int:
    """Return the day of the aware moment ``at``."""
    return (at - _EPOCH) // _DAY
