"""Whether a radio that says it listens still hears anything.

Discovery can die without an error: the adapter goes on claiming that it scans. A shop is never
without any advertisement for long, so silence means a fault. The first cure is to start the
scanner again; when that brings nothing, a person must reset the adapter.

Source: identity.md, "Discovery can silently die"; the times are habluetooth's.
"""

from typing import Final

SILENT_S: Final = 90.0
LOOK_S: Final = 30.0


class Watchdog:
    """Counts restarts that brought nothing. Times are seconds of any steady clock."""

    def __init__(self, silent_s: float = SILENT_S) -> None:
        self._silent_s = silent_s
        self._life_at = 0.0
        self.restarts_in_vain = 0

    @property
    def needs_reset(self) -> bool:
        """Whether starting again did not help."""
        return self.restarts_in_vain > 1

    def started(self, now_s: float) -> None:
        """Note that the scanner was started: its silence counts from here."""
        self._life_at = now_s

    def heard(self, now_s: float) -> None:
        """Note a sign of life."""
        self._life_at = now_s
        self.restarts_in_vain = 0

    def is_silent(self, now_s: float) -> bool:
        """Return whether the scanner should be started again, and count that it will be."""
        if now_s - self._life_at < self._silent_s:
            return False
        self.restarts_in_vain += 1
        return True
