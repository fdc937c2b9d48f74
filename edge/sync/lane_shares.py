"""Which lane is next: the most important that has something, but every lane gets a tenth.

Strict priority alone would let a flood of engagement hide a device's health for days.
"""

from collections.abc import Collection
from typing import Final

_TENTHS: Final = 10


class LaneShares:
    """Counts, for each lane that was passed over, tenths of a turn; a whole one is its turn."""

    def __init__(self, lanes: Collection[str]) -> None:
        self._owed = dict.fromkeys(lanes, 0)

    def next(self, ready: Collection[str]) -> str | None:
        """Return the lane to send from among those that have something, or None."""
        waiting = [lane for lane in self._owed if lane in ready]
        for lane in self._owed:
            self._owed[lane] = self._owed[lane] + 1 if lane in waiting else 0
        due = [lane for lane in waiting[1:] if self._owed[lane] >= _TENTHS]
        chosen = due[0] if due else next(iter(waiting), None)
        if chosen is not None:
            self._owed[chosen] = 0
        return chosen
