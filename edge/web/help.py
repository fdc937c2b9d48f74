"""Shoppers who asked for help, in memory: which screen, since when, and who has seen it.

A request names a screen and nothing about a person; it is gone when it is answered or the
visit ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from edge.core.clock import Clock

MAX_OPEN: Final = 64
"""One per screen: a screen that asks again renews its request."""

LATE: Final = timedelta(seconds=60)
"""An unseen request older than this is called out again."""


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """A call for help from one screen; ``seen_at`` is when an associate took it."""

    help_id: str
    screen_id: str
    asked_at: datetime
    seen_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Return whether nobody has taken it for a minute."""
        return self.seen_at is None and now - self.asked_at >= LATE


class HelpDesk:
    """The open calls, one per screen; safe to use from several threads."""

    def __init__(self, clock: Clock, new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._lock = Lock()
        self._open: dict[str, HelpRequest] = {}
        self.on_change: Callable[[], None] = lambda: None

    def ask(self, screen_id: str) -> HelpRequest:
        """Call for help at ``screen_id``; asking again keeps the first moment."""
        with self._lock:
            found = self._open.get(screen_id)
            if found is None or found.seen_at is not None:
                found = HelpRequest(self._new_id(), screen_id, self._clock())
                self._open[screen_id] = found
                while len(self._open) > MAX_OPEN:
                    del self._open[next(iter(self._open))]
        self.on_change()
        return found

    def acknowledge(self, help_id: str) -> HelpRequest | None:
        """Mark the call as seen; None when it is not open any more."""
        with self._lock:
            found = next((h for h in self._open.values() if h.help_id == help_id), None)
            if found is not None and found.seen_at is None:
                found = replace(found, seen_at=self._clock())
                self._open[found.screen_id] = found
        self.on_change()
        return found

    def close(self, screen_id: str) -> None:
        """Forget the call of ``screen_id``: it was answered, or the visit ended."""
        with self._lock:
            closed = self._open.pop(screen_id, None)
        if closed is not None:
            self.on_change()

    def get(self, help_id: str) -> HelpRequest | None:
        """Return the open call ``help_id``, or None."""
        with self._lock:
            return next((h for h in self._open.values() if h.help_id == help_id), None)

    def open(self) -> tuple[HelpRequest, ...]:
        """Return the open calls: unseen ones first, oldest first."""
        with self._lock:
            calls = list(self._open.values())
        return tuple(sorted(calls, key=lambda h: (h.seen_at is not None, h.asked_at)))
