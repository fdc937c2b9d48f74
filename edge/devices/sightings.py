"""What a radio saw of ours, and the short queue between the radio's thread and whoever looks.

The radio must never wait: a reader that is slow would make the system's message bus keep what
we do not take. So the queue is bounded, and the oldest sighting goes first; it is worth the least.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from edge.core.errors import EdgeError

log = logging.getLogger(__name__)

MOST_WAITING: Final = 1_024


@dataclass(frozen=True, slots=True)
class Sighting:
    """One frame of ours, in one advertisement. Sightings of one advertisement share ``seen_at``."""

    frame: bytes = field(repr=False)
    rssi_dbm: int
    seen_at: datetime
    adapter: str


class SightingQueue:
    """Filled by one thread, emptied by another."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._waiting: deque[Sighting] = deque(maxlen=most)
        self._changed = threading.Condition()
        self._is_closed = False
        self.dropped = 0

    def put(self, sighting: Sighting) -> None:
        """Add a sighting; never waits for the reader."""
        with self._changed:
            if len(self._waiting) == self._waiting.maxlen:
                self.dropped += 1
            self._waiting.append(sighting)
            self._changed.notify()

    def close(self) -> None:
        """Let the reader leave once it has taken what is there."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def take(self) -> tuple[Sighting, ...] | None:
        """Wait for sightings and return all there are, oldest first; None when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            taken = tuple(self._waiting)
            self._waiting.clear()
        return taken or None

    def hand_on(self, on_sighting: Callable[[Sighting], None]) -> None:
        """Call ``on_sighting`` for every sighting until closed; one that fails is only logged."""
        while (taken := self.take()) is not None:
            for sighting in taken:
                try:
                    on_sighting(sighting)
                except EdgeError as error:
                    log.warning("a sighting was not used: %s", error)
                except Exception:
                    # Broad, because this is a supervisor: the next sighting is another one's.
                    log.exception("a sighting failed")
