"""Is what was presented of this minute, and not of before the memory of used ones began?

Source: decided.md 29, 31.
"""

from datetime import datetime
from typing import Final

from edge.identity.presence import Refusal

ACCEPTED_S: Final = 60
"""It opens for so long after its moment, and so long before: clocks differ."""


class Freshness:
    """Judges moments; safe from several threads."""

    def __init__(self, since: datetime | None) -> None:
        """Take nothing made before ``since``: it may have been used before; None: no such time."""
        self._since_s = None if since is None else int(since.timestamp())

    def refusal(self, at_s: int, now: datetime) -> Refusal | None:
        """Return why what was made at ``at_s`` (seconds since 1970) opens nothing now, or None."""
        age_s = now.timestamp() - at_s
        if age_s > ACCEPTED_S:
            return Refusal.LATE
        if age_s < -ACCEPTED_S:
            return Refusal.EARLY
        return Refusal.USED if self._is_from_before(at_s, now) else None

    def _is_from_before(self, at_s: int, now: datetime) -> bool:
        if self._since_s is None:
            return False
        # A clock that was ahead at the start and was set right must not refuse everybody.
        self._since_s = min(self._since_s, int(now.timestamp()))
        return at_s < self._since_s
