"""What central is told of every package name of this device, in the one message that is retained."""

import threading
from collections.abc import Callable

from edge.wire.releases import Phase, ReleaseState, release_states


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

    def once_there_is_news(self, state: ReleaseState) -> None:
        """Tell of a name that each shop has for itself, and most never use."""
        is_untouched = state.phase is Phase.IDLE and not state.document_version
        if not (is_untouched and state.serving.version is None and not state.reason):
            self(state)
