"""What central is told of every package name of this device, in the one message that is retained."""

import threading
from collections.abc import Callable

from edge.wire.releases import ReleaseState, release_states


class Telling:
    """Remembers the last word about each name. Safe to use from every thread."""

    def __init__(self, retain: Callable[[bytes], None]) -> None:
        self._retain = retain
        self._last: dict[str, ReleaseState] = {}
        self._lock = threading.Lock()

    def __call__(self, state: ReleaseState) -> None:
        """Have the broker retain ``state``, with the other names' as they are."""
        with self._lock:
            self._last[state.name] = state
            # Within the lock: the latest message holds all of the latest words.
            self._retain(release_states(list(self._last.values())))
