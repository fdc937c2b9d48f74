"""What a device says of itself to the broker: birth, will and goodbye, each with a number.

A will may arrive long after the birth that follows it. So each connection has a number above all
before it, over restarts as well, and an older "offline" is not believed.
"""

from typing import Final

from edge.core.errors import UnavailableError
from edge.sync.delivery_parts import DeliveryParts
from edge.wire.status import Birth, offline, online

_CONNECTIONS_PER_START: Final = 1_000_000


class Greetings:
    """Counts connections and words what is said at each."""

    def __init__(self, parts: DeliveryParts) -> None:
        self._parts = parts
        self._starts = 0
        self._connections = 0

    def count_start(self) -> str:
        """Count this start of the process on the disk; return what is wrong, or nothing."""
        try:
            self._starts = self._parts.store.count_up("delivery_starts").result()
        except UnavailableError as error:
            return str(error)  # an old will may be believed for a while; worse would be no delivery
        return ""

    def will(self) -> bytes:
        """Return what the broker is to say if the next connection is lost."""
        self._connections += 1
        return offline(self._number(), "lost")

    def birth(self) -> bytes:
        """Return what is said when the connection is there."""
        parts = self._parts
        found = Birth(
            site=parts.topics.site,
            device=parts.topics.device,
            version=parts.version,
            sqlite_version=parts.store.boot.sqlite_version,
            epoch=parts.store.reads.epoch(),
            about=parts.about(),
        )
        return online(found, self._number(), parts.clock())

    def goodbye(self) -> bytes:
        """Return what is said before the connection is ended."""
        return offline(self._number(), "stopped")

    def _number(self) -> int:
        return self._starts * _CONNECTIONS_PER_START + self._connections
