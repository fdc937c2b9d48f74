"""Lanes that nobody at the broker listens to: their events stay here, and are offered now and then.

The broker would drop what it takes (ADR 0018).
"""

import time
from collections.abc import Callable
from typing import Final

UNHEARD_RETRY_S: Final = 30.0
"""Longest pause of a lane that nobody at the broker listens to."""
_FIRST_S: Final = 1.0
"""The first pause: a bridge is back at once after a restart of the broker."""


class Unheard:
    """Until when each lane waits; not safe for several threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until: dict[str, float] = {}
        self._pause_s: dict[str, float] = {}

    def waits(self, lane: str) -> bool:
        """Say whether ``lane`` waits now."""
        return self._until.get(lane, 0.0) > self._monotonic()

    @property
    def any_waits(self) -> bool:
        """Say whether one does."""
        return any(self.waits(lane) for lane in self._until)

    def nobody_listened(self, lane: str) -> None:
        """Wait, each time longer than before."""
        pause_s = self._pause_s.get(lane, _FIRST_S)
        self._until[lane] = self._monotonic() + pause_s
        self._pause_s[lane] = min(pause_s * 2, UNHEARD_RETRY_S)

    def cannot_be_sent(self, lane: str) -> None:
        """Wait as long as it ever does: only somebody at the broker can change it."""
        self._until[lane] = self._monotonic() + UNHEARD_RETRY_S

    def heard(self, lane: str) -> None:
        """Begin with the first pause again: somebody listened."""
        self._pause_s.pop(lane, None)

    def end_pauses(self) -> None:
        """Offer all of it again at once."""
        self._until.clear()
