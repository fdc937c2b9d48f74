"""How far this machine's clock can be trusted, before anything is deleted by it.

A board computer without a battery wakes up in 1970 or far ahead. Nothing is expired or swept by a
clock that jumped, unless the network has set it since the boot.

Source: security.md T4 ("no expired action on a clock jump above one day").
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edge.core.clock import Clock
from edge.wire.cloudevents import ClockState

SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd touches it once the network has set the clock since boot."""

LONGEST_CLOSED: Final = timedelta(days=7)
"""A shop that was switched off longer than this is told from a clock that jumped by the network.

So without a network a jump deletes at most what would have gone a week later.
"""

LOOK_EVERY_S: Final = 10.0
"""Every event asks for the clock's state; the file system is asked this often."""

LARGEST_DRIFT: Final = timedelta(hours=1)


class ClockTrust:
    """Watches one clock from the start of the service.

    Args:
        clock: The clock to watch.
        last_seen_at: The latest moment recorded before this start; None on a new device.
        monotonic: Seconds that no one can set.
        is_synchronised: Whether the network has set the clock since boot.
    """

    def __init__(
        self,
        clock: Clock,
        last_seen_at: datetime | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        is_synchronised: Callable[[], bool] = SYNCHRONISED.exists,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._is_synchronised = is_synchronised
        self._began_at, self._began_s = clock(), monotonic()
        self._looked_s, self._is_set = self._began_s, is_synchronised()
        self._began_well = last_seen_at is None or (
            timedelta(0) <= self._began_at - last_seen_at <= LONGEST_CLOSED
        )

    def state(self) -> ClockState:
        """Return what events say about their time."""
        now_s = self._monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s, self._is_set = now_s, self._is_synchronised()
        if self._is_set:
            return "ntp"
        return "rtc" if self._goes_on_steadily() else "none"

    def may_delete(self) -> bool:
        """Return whether what is old by this clock may be deleted."""
        return self.state() != "none"

    def _goes_on_steadily(self) -> bool:
        passed = timedelta(seconds=self._monotonic() - self._began_s)
        drift = abs(self._clock() - self._began_at - passed)
        return self._began_well and drift <= LARGEST_DRIFT
