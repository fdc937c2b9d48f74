"""Whose beacon was heard: the newest frame of an advertisement that a customer here made.

A beacon can be recorded and sent again for some minutes, so it only ever invites (decided.md 37).
"""

from collections.abc import Iterable, Iterator

from edge.identity.beacon import decode, is_made_with
from edge.identity.windows import Found, Windows


class BeaconReader:
    """Reads the frames of one retailer's beacons."""

    def __init__(self, windows: Windows, prefix: bytes) -> None:
        self._windows = windows
        self._prefix = prefix

    def read(self, frames: Iterable[bytes]) -> Found | None:
        """Return whose the newest of ``frames`` is; None when no customer here made any."""
        return max(self._of_customers(frames), key=lambda found: found.interval, default=None)

    def _of_customers(self, frames: Iterable[bytes]) -> Iterator[Found]:
        for frame in frames:
            parts = decode(frame, self._prefix)
            found = self._windows.find(parts.rolling_id) if parts else None
            if found and is_made_with(frame, found.day_key):
                yield found
