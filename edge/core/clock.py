"""Time as an argument.

Everything that needs the time takes a ``Clock``, so that a test or a replay sets it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""A function that returns the present moment, aware and in UTC."""


def system_clock() -> datetime:
    """Return the machine's present moment, aware and in UTC."""
    return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is told otherwise; for tests and replays."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the moment that was set."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or back, for a clock that was wrong)."""
        self.at += by
