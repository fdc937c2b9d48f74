"""Beacons that are heard: they hold screens, and holding only invites.

The radio's thread brings sightings, the supervisor lets time pass, request threads ask. What is
known of a beacon lives here for seconds, and is written nowhere.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from edge.app.recognition.presences import Presences
from edge.core.clock import Clock
from edge.identity.arbiter import Changed, LeaseChange, Leases
from edge.identity.beacon_reader import BeaconReader
from edge.identity.presence import Presented
from edge.identity.profile import CustomerId

log = logging.getLogger(__name__)

TOLD_EVERY: Final = timedelta(seconds=0.5)
MOST_TOLD: Final = 1_024


class Beacons:
    """Which known beacon is at which screen. Safe to use from every thread."""

    def __init__(
        self, reader: BeaconReader, leases: Leases, presences: Presences, clock: Clock
    ) -> None:
        self._reader = reader
        self._leases = leases
        self._presences = presences
        self._clock = clock
        self._lock = threading.Lock()
        self.invited: Callable[[str], None] = lambda _screen_id: None
        """Called with a screen's id when an invitation appears or goes."""
        self.told: Callable[[bytes, str, float], None] = lambda _frame, _screen_id, _rssi: None
        """Called with (frame, screen, dBm) when a known beacon is heard, twice a second at most."""
        self._told_at: OrderedDict[tuple[bytes, str], datetime] = OrderedDict()

    def heard(self, frames: Iterable[bytes], screen_id: str, rssi_dbm: float, at: datetime) -> None:
        """Take what one advertisement carried; most are nobody's and cost a comparison."""
        frames = tuple(frames)
        found = self._reader.read(frames)
        if found is None:
            return
        with self._lock:
            changes = self._leases.sighted(found.customer_id, screen_id, rssi_dbm, at)
        self._tell(changes)
        if self._is_news((frames[0], screen_id), at):
            self.told(frames[0], screen_id, rssi_dbm)

    def heard_elsewhere(self, frame: bytes, screen_id: str, place: str, rssi_dbm: float) -> None:
        """Take what another device of the shop heard: it may hold the token's only lease."""
        found = self._reader.read((frame,))
        if found is None:
            return
        with self._lock:
            self._leases.stands(screen_id, place)
            changes = self._leases.sighted(found.customer_id, screen_id, rssi_dbm, self._clock())
        self._tell(changes)

    def _is_news(self, what: tuple[bytes, str], at: datetime) -> bool:
        last = self._told_at.get(what)
        if last is not None and at - last < TOLD_EVERY:
            return False
        self._told_at[what] = at
        self._told_at.move_to_end(what)
        if len(self._told_at) > MOST_TOLD:
            self._told_at.popitem(last=False)
        return True

    def tick(self) -> None:
        """End what went silent. To be called each second."""
        with self._lock:
            changes = self._leases.tick(self._clock())
        self._tell(changes)

    def forget(self, customer_id: CustomerId) -> None:
        """Forget a customer's beacon at once."""
        with self._lock:
            changes = self._leases.forget(customer_id, self._clock())
        self._tell(changes)

    def is_invited(self, screen_id: str) -> bool:
        """Return whether a known beacon holds the screen."""
        return self._leases.holder(screen_id) is not None

    def screens_of(self, customer_id: CustomerId) -> tuple[str, ...]:
        """Return the screen that the customer's beacon holds, if any."""
        return self._leases.screens_of(customer_id)

    @property
    def refusals(self) -> int:
        """How often a beacon was strong in two places at once."""
        return self._leases.refusals

    def _tell(self, changes: tuple[Changed, ...]) -> None:
        for change in changes:
            if change.what is LeaseChange.REFUSED:
                log.warning(
                    "a beacon was strong in two places at once; %s ignores it", change.screen_id
                )
                continue
            if change.what is LeaseChange.ENDED:
                self._leave_if_tapped(change.screen_id)
            self.invited(change.screen_id)

    def _leave_if_tapped(self, screen_id: str) -> None:
        """End a presence that rests on the beacon: they tapped because they were near."""
        presence = self._presences.at(screen_id)
        if presence is not None and presence.presented is Presented.TAP:
            self._presences.end(screen_id)
