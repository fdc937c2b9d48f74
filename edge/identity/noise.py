"""How much of what a radio hears is looked at, and when it is better not to listen.

Anybody can fill the air. So at most 500 sightings in a second are looked at and the rest only
counted; a second that is loud beyond any shop is not listened to until its end; and a radio that
has been loud for long is switched off for 10 minutes. Codes go on working. Used by the one
thread that hears; its numbers may be read by any.

Source: security.md, "Recognition" and T12.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

LOOKED_AT_PER_S: Final = 500
LOUD_PER_S: Final = 2_000
"""Advertisements of every kind; a busy shop (200 phones, 4 to 10 each) stays below."""
LOUD_SECONDS: Final = 10
"""With the rest after each, half a minute of noise."""
WITHIN: Final = timedelta(seconds=60)
"""Not in a row: in every 15 seconds BlueZ is deaf for 5."""
OFF_FOR: Final = timedelta(minutes=10)

_SECOND: Final = timedelta(seconds=1)


class Noise:
    """The budget of the present second, and the loud seconds of the last minute."""

    def __init__(self, loud_per_s: int = LOUD_PER_S) -> None:
        self._loud_per_s = loud_per_s
        self._second_at: datetime | None = None
        self._heard = 0
        self._left = LOOKED_AT_PER_S
        self._loud: deque[datetime] = deque(maxlen=LOUD_SECONDS)
        self.shed = 0
        """Sightings that were counted and not looked at."""
        self.off_until_at: datetime | None = None
        """Set while the radio is off because of noise."""

    def heard(self, now: datetime) -> bool:
        """Count an advertisement, whatever it is; return whether it makes this a loud second."""
        began_at = self._second_at
        if began_at is None or not timedelta(0) <= now - began_at < _SECOND:
            self._second_at = now
            self._heard = 0
            self._left = LOOKED_AT_PER_S
        self._heard += 1
        if self._heard != self._loud_per_s + 1:
            return False
        self._loud.append(now)
        return True

    def may_look(self) -> bool:
        """Return whether a sighting in the advertisement just heard may be looked at."""
        if self._left == 0:
            self.shed += 1
            return False
        self._left -= 1
        return True

    def is_off(self, now: datetime) -> bool:
        """Return whether not to listen now; noise that has lasted begins the 10 minutes."""
        if self.off_until_at is not None:
            if self.off_until_at - OFF_FOR <= now < self.off_until_at:
                return True
            self.off_until_at = None
        if len(self._loud) == LOUD_SECONDS and timedelta(0) <= now - self._loud[0] <= WITHIN:
            self._loud.clear()
            self.off_until_at = now + OFF_FOR
            return True
        return False
