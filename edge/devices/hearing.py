"""From an advertisement to sightings: counted, weighed, and put into the queue."""

from collections.abc import Mapping, Sequence
from typing import Final

from edge.core.clock import Clock
from edge.devices.sightings import Sighting, SightingQueue
from edge.identity.beacon import frames_in
from edge.identity.noise import Noise

MOST_UUIDS: Final = 64
"""BlueZ gathers an address's service UUIDs for its lifetime; more than so many is an attack."""


class Hearing:
    """What one adapter has heard. Used by the radio's thread; its counts may be read by any."""

    def __init__(self, adapter: str, prefix: bytes, clock: Clock, noise: Noise) -> None:
        self._adapter = adapter
        self._prefix = prefix
        self._clock = clock
        self.noise = noise
        self.queue = SightingQueue()
        self.packets = 0
        self.sighted = 0
        self.crowded = 0

    def heard(
        self, service_uuids: Sequence[str], service_data: Mapping[str, bytes], rssi_dbm: int
    ) -> bool:
        """Take one advertisement; return whether it makes this second a loud one."""
        now = self._clock()
        self.packets += 1
        is_loud = self.noise.heard(now)
        if len(service_uuids) > MOST_UUIDS:
            self.crowded += 1
            return is_loud
        # Which of several frames is the newest, only a customer's keys can tell.
        for frame in frames_in(service_uuids, service_data, self._prefix):
            self.sighted += 1
            if self.noise.may_look():
                self.queue.put(Sighting(frame, rssi_dbm, now, self._adapter))
        return is_loud
