"""Somebody rang: there may be news at central. Nothing that was said is believed.

A ring, and the pointer to a configuration, come unsigned over the broker. So all they do is make
this device look for signed news, at a random moment within a minute: a ring for a whole fleet must
not bring every device at once, and ringing a thousand times makes it look once.

Source: fleet.md 1 of the design.
"""

import time
from collections.abc import Callable
from typing import Final

from edge.core.chance import Chance
from edge.sync.mqtt import Received

WITHIN_S: Final = 60.0


class Doorbell:
    """Remembers that somebody rang; ``tick`` looks when the moment has come.

    ``look`` is set by whoever looks for releases; it must return at once.
    """

    def __init__(self, chance: Chance, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.look: Callable[[], None] = lambda: None
        self._chance = chance
        self._monotonic = monotonic
        self._due_s: float | None = None

    @property
    def is_rung(self) -> bool:
        """Say whether there is a moment to look at, still to come."""
        return self._due_s is not None

    def rung(self, _received: Received) -> None:
        """Look within a minute; the moment that was drawn first stays."""
        if self._due_s is None:
            share = int.from_bytes(self._chance(4), "big") / 2**32
            self._due_s = self._monotonic() + share * WITHIN_S

    def at_once(self) -> None:
        """Look now: somebody signed for it."""
        self._due_s = None
        self.look()

    def tick(self) -> None:
        """Look if the moment has come; called each second."""
        if self._due_s is not None and self._monotonic() >= self._due_s:
            self._due_s = None
            self.look()
