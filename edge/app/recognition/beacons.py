"""Beacons that are heard: they hold screens, and holding only invites.

The radio's thread brings sightings, the supervisor lets time pass, request threads ask. What is
known of a beacon lives here for seconds, and is written nowhere.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from edge.app.recognition.presences import Presences
from edge.core.clock import Clock
from edge.identity.arbiter import Changed, LeaseChange, Leases
from edge.identity.beacon_reader import BeaconReader
from edge.identity.presence import Presented
from edge.identity.profile import CustomerId

log = logging.getLogger(__name__)


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

    def heard(self, frames: Iterable[bytes], screen_id: str, rssi_dbm: float, at: datetime) -> None:
        """Take what one advertisement carried; most are nobody's and cost a comparison."""
        found = self._reader.read(frames)
        if found is None:
            return
        with self._lock:
            changes = self._leases.sighted(found.customer_id, screen_id, rssi_dbm, at)
        self._tell(changes)

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
