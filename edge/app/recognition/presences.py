"""Who is at which screen now: in memory, for minutes, and nowhere else.

A presence begins when a customer presents their own token and ends when they end it, when the
visit ends, when a newer one takes the screen, or by itself after ten minutes. A customer is at
one screen at a time.
"""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.identity.presence import LASTS, Presence, Presented
from edge.identity.profile import CustomerId

ScreenChanged = Callable[[str], None]


class Presences:
    """The presences of a device. Safe to use from every thread.

    ``arrived`` and ``left`` are called with a screen's id, outside the lock and after the change.
    """

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._by_screen: dict[str, Presence] = {}
        self.arrived: ScreenChanged = lambda _screen_id: None
        self.left: ScreenChanged = lambda _screen_id: None
        self.changed: ScreenChanged = lambda _screen_id: None
        """Called where a customer stands who allowed, took back or changed something."""

    def begin(self, screen_id: str, customer_id: CustomerId, presented: Presented) -> Presence:
        """Put the customer at the screen; whoever was there, and wherever they were, ends."""
        now = self._clock()
        presence = Presence(
            presence_id=str(uuid.UUID(bytes=self._chance(16), version=4)),
            screen_id=screen_id,
            customer_id=customer_id,
            presented=presented,
            since_at=now,
            until_at=now + LASTS,
        )
        with self._lock:
            elsewhere = [p.screen_id for p in self._of(customer_id) if p.screen_id != screen_id]
            for other in elsewhere:
                del self._by_screen[other]
            self._by_screen[screen_id] = presence
        for other in elsewhere:
            self.left(other)
        self.arrived(screen_id)
        return presence

    def at(self, screen_id: str) -> Presence | None:
        """Return who is at the screen now."""
        with self._lock:
            return self._living(self._by_screen.get(screen_id))

    def living(self, presence_id: str) -> Presence | None:
        """Return the presence with this id while it lives."""
        with self._lock:
            found = (p for p in self._by_screen.values() if p.presence_id == presence_id)
            return self._living(next(found, None))

    def all(self) -> tuple[Presence, ...]:
        """Return every presence that lives."""
        with self._lock:
            return tuple(p for p in self._by_screen.values() if self._living(p) is not None)

    def screen_of(self, customer_id: CustomerId) -> str | None:
        """Return the screen the customer is at."""
        with self._lock:
            living = (p.screen_id for p in self._of(customer_id) if self._living(p) is not None)
            return next(living, None)

    def end(self, screen_id: str) -> Presence | None:
        """End the presence at the screen and return what it was."""
        with self._lock:
            gone = self._by_screen.pop(screen_id, None)
        if gone is not None:
            self.left(screen_id)
        return gone

    def end_of(self, customer_id: CustomerId) -> None:
        """End every presence of the customer."""
        with self._lock:
            screens = [p.screen_id for p in self._of(customer_id)]
            for screen_id in screens:
                del self._by_screen[screen_id]
        for screen_id in screens:
            self.left(screen_id)

    def tell_changed(self, customer_id: CustomerId) -> None:
        """Let the screen where the customer stands show what holds now."""
        screen_id = self.screen_of(customer_id)
        if screen_id is not None:
            self.changed(screen_id)

    def expire(self) -> None:
        """End what ran out, and tell its screens. To be called each second."""
        with self._lock:
            over = [s for s, p in self._by_screen.items() if self._living(p) is None]
            for screen_id in over:
                del self._by_screen[screen_id]
        for screen_id in over:
            self.left(screen_id)

    def _of(self, customer_id: CustomerId) -> list[Presence]:
        return [p for p in self._by_screen.values() if p.customer_id == customer_id]

    def _living(self, presence: Presence | None) -> Presence | None:
        """Return the presence unless it ran out; a clock that was set back ends it as well."""
        if presence is None:
            return None
        now: datetime = self._clock()
        return presence if presence.since_at <= now < presence.until_at else None
