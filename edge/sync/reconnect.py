"""When to try the broker again.

A broker that goes away takes a whole fleet's good connections with it; were all to come back at
once, its handshakes alone would keep it down. So the first try after a good connection comes at a
random moment within a wide window, and every further one after a growing pause. At the start of
the service nobody waits: shops do not open at the same second.

Source: fleet.md 2 of the design.
"""

from typing import Final

from edge.core.chance import Chance
from edge.sync.backoff import BackOff

STEADY_S: Final = 10.0
"""A connection that lasted this long was a good one."""


class Reconnect:
    """Says how long to wait after each connection, or try at one, that ended."""

    def __init__(self, chance: Chance, back_off: BackOff, spread_s: float) -> None:
        self._chance = chance
        self._back_off = back_off
        self._spread_s = spread_s

    def pause_s(self, connected_for_s: float | None) -> float:
        """Return the pause after a connection of that length; None: there was none."""
        if connected_for_s is None or connected_for_s < STEADY_S:
            return self._back_off.next_s()
        self._back_off.reset()
        if self._spread_s == 0:
            return self._back_off.next_s()
        share: float = int.from_bytes(self._chance(4), "big") / 2**32
        return share * self._spread_s
