"""How often somebody may try to be recognised: a bucket of tries that fills again.

Guessing and flooding must cost whoever does it, and nobody else: each screen has a bucket of its
own, and phones share one.

Source: security.md, "Web rules" (identify 3/s).
"""

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Final

from edge.core.clock import Clock

PER_S: Final = 3.0
AT_ONCE: Final = 12.0
"""A phone page proves itself and looks a code up in one go; several phones may come together."""
MOST: Final = 128


class Pace:
    """Buckets of tries by name. Safe to use from every thread."""

    def __init__(self, clock: Clock, *, per_s: float = PER_S, at_once: float = AT_ONCE) -> None:
        self._clock = clock
        self._per_s = per_s
        self._at_once = at_once
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def may(self, name: str) -> bool:
        """Take one try from the bucket ``name``; False when it is empty."""
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(name, (self._at_once, now))
            # A clock that was set back fills nothing.
            filled = left + max(0.0, (now - at).total_seconds()) * self._per_s
            left = min(self._at_once, filled)
            is_allowed = left >= 1
            self._left[name] = (left - 1 if is_allowed else left, now)
            while len(self._left) > MOST:
                self._left.popitem(last=False)
        return is_allowed
