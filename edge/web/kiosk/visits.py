"""Visits at a kiosk: everything a shopper's presence leaves, in memory and nowhere else.

A visit begins with a touch and ends with an order, with "Start over", or by itself: the page
counts, and the server counts too, a little longer, so that a crashed page cannot leave a
basket for the next person. Ending drops the only reference to all of it. The browser holds
one cookie with a random key; the visit's own id, which decisions are recorded under, is
another random number, so that a log line does not open a visit.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.catalog.order import Service
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.identity.presence import Presence
from edge.web.kiosk.visit import Stage, Visit, presence_id
from edge.web.ports import Timers

MAX_VISITS: Final = 256
"""Four for each of the most screens a device may have; beyond it the longest untouched ends."""


Change = Callable[[Visit], Visit]


class Visits:
    """All visits of a device. Safe to use from every request thread."""

    def __init__(self, clock: Clock, chance: Chance, timers: Timers) -> None:
        self._clock = clock
        self._chance = chance
        self._limits = _limits(timers)
        self._paired = timers.paired + timers.warn + timers.server_grace
        self._lock = threading.Lock()
        self._by_key: dict[str, Visit] = {}

    def __len__(self) -> int:
        """Return how many visits are going on."""
        with self._lock:
            return len(self._by_key)

    def begin(self, screen_id: str, language: str, service: Service) -> Visit:
        """Begin a visit with a new key and a new id."""
        visit = Visit(
            key=self._chance(24).hex(),
            visit_id=self._new_id(),
            screen_id=screen_id,
            language=language,
            service=service,
            touched_at=self._clock(),
        )
        with self._lock:
            if len(self._by_key) >= MAX_VISITS:
                oldest = min(self._by_key.values(), key=lambda v: v.touched_at)
                del self._by_key[oldest.key]
            self._by_key[visit.key] = visit
        return visit

    def get(self, key: str | None) -> Visit | None:
        """Return the visit with ``key``, or None when there is none or its time is over.

        Looking does not lengthen it: only a person's touch does.
        """
        with self._lock:
            return self._live(key)

    def change(self, key: str | None, change: Change) -> Visit | None:
        """Replace the visit by ``change`` of it, alone, and return it; None when it is over."""
        with self._lock:
            visit = self._live(key)
            if visit is None:
                return None
            self._by_key[visit.key] = changed = change(visit)
            return changed

    def meet(self, key: str | None, presence: Presence | None) -> Visit | None:
        """Let the visit be with whoever is recognised at its screen now; None when it is over."""

        def change(visit: Visit) -> Visit:
            if presence_id(visit.presence) == presence_id(presence):
                return visit
            met = visit.meeting(presence, self._new_id())
            # To present a code is a touch; that a presence is over is not.
            return replace(met, touched_at=self._clock()) if presence else met

        return self.change(key, change)

    def at(self, screen_id: str) -> tuple[Visit, ...]:
        """Return the visits going on at a screen."""
        with self._lock:
            found = tuple(v for v in self._by_key.values() if v.screen_id == screen_id)
        now = self._clock()
        return tuple(visit for visit in found if not self._is_over(visit, now))

    def touch(self, key: str | None, stage: Stage | None = None) -> Visit | None:
        """Count the visit's time from now again; None when it is over."""
        now = self._clock()
        return self.change(
            key, lambda visit: replace(visit, touched_at=now, stage=stage or visit.stage)
        )

    def end(self, key: str | None) -> Visit | None:
        """Forget the visit with ``key`` and return what it was; None when it was over before."""
        with self._lock:
            return self._by_key.pop(key or "", None)

    def expire(self, now: datetime) -> tuple[Visit, ...]:
        """Forget the visits that nobody touched for their time, and return what they were.

        The supervisor calls it each second. A clock that was set back does not lengthen a
        visit: its time then counts from ``now``.
        """
        with self._lock:
            over = tuple(v for v in self._by_key.values() if self._is_over(v, now))
            for visit in over:
                del self._by_key[visit.key]
            for visit in list(self._by_key.values()):
                if visit.touched_at > now:
                    self._by_key[visit.key] = replace(visit, touched_at=now)
        return over

    def _live(self, key: str | None) -> Visit | None:
        visit = self._by_key.get(key or "")
        if visit is not None and self._is_over(visit, self._clock()):
            del self._by_key[visit.key]
            return None
        return visit

    def _is_over(self, visit: Visit, now: datetime) -> bool:
        is_paired = visit.presence is not None and visit.stage is Stage.ORDERING
        return now - visit.touched_at >= (self._paired if is_paired else self._limits[visit.stage])

    def _new_id(self) -> str:
        return str(uuid.UUID(bytes=self._chance(16), version=4))


def _limits(timers: Timers) -> dict[Stage, timedelta]:
    return {
        Stage.ORDERING: timers.guest + timers.warn + timers.server_grace,
        Stage.ITEM: timers.item + timers.warn + timers.server_grace,
        Stage.DONE: timers.done + timers.server_grace,
    }
