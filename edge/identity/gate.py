"""Whether one token is here, at one screen, by how strongly it is heard.

A radio's strength jumps by 10 dB when somebody turns around, so no single sample decides: the
median of the last 1.5 seconds takes out spikes, an exponential average smooths what is left, and
entering is harder than staying. Times are those of the sightings, never the machine's.

Source: decided.md 33; the complaints it answers are in identity.md ("jumping while sitting still").
"""

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

MEDIAN_OVER: Final = timedelta(seconds=1.5)
ALPHA: Final = 0.35
"""Weight of the newest median in the average."""
ENTER_SAMPLES: Final = 3
ENTER_WITHIN: Final = timedelta(seconds=1)
LEAVE_AFTER: Final = timedelta(seconds=3)
"""Weaker than ``leave_dbm`` for so long: it has left."""
SILENT_AFTER: Final = timedelta(seconds=6)
"""Not heard for so long: it has left. Longer than the 5 s in which BlueZ is deaf in every 15."""
BACKWARDS: Final = timedelta(seconds=1)
"""A clock that was set back by more than this makes what was heard before worthless."""

_MOST_SAMPLES: Final = 16


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How strong is near; set on site, in the profile."""

    enter_dbm: float = -62
    leave_dbm: float = -74


class Gate:
    """One token at one screen: what it was heard like, and whether it counts as here."""

    __slots__ = (
        "_heard_at",
        "_is_in",
        "_level",
        "_samples",
        "_strong",
        "_thresholds",
        "_weak_since",
        "strong_at",
    )

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._samples: deque[tuple[datetime, float]] = deque(maxlen=_MOST_SAMPLES)
        self._strong: deque[datetime] = deque(maxlen=ENTER_SAMPLES)
        self._level = -math.inf
        self._is_in = False
        self._heard_at: datetime | None = None
        self._weak_since: datetime | None = None
        self.strong_at: datetime | None = None
        """When it was last strong three times within a second."""

    @property
    def level_dbm(self) -> float:
        """How strong it is, smoothed."""
        return self._level

    def heard(self, rssi_dbm: float, at: datetime) -> None:
        """Take one sample; a gate that is silent by then must be replaced by a new one before.

        An advertisement may carry an old token beside the new one, and both are the same
        customer's: a second sample of the same moment is the same advertisement, and counts once.
        """
        if at == self._heard_at:
            return
        self._heard_at = at
        self._smooth(rssi_dbm, at)
        self._note_strength(rssi_dbm, at)

    def is_here(self, now: datetime) -> bool:
        """Return whether it has entered and not left."""
        if not self._is_in or self.is_silent(now):
            return False
        if self._weak_since is not None and now - self._weak_since >= LEAVE_AFTER:
            self._is_in = False
        return self._is_in

    def is_silent(self, now: datetime) -> bool:
        """Return whether nothing was heard for so long that all of this is to be forgotten."""
        return self._heard_at is None or not -BACKWARDS <= now - self._heard_at < SILENT_AFTER

    def _note_strength(self, rssi_dbm: float, at: datetime) -> None:
        if self._level >= self._thresholds.leave_dbm:
            self._weak_since = None
        elif self._weak_since is None:
            self._weak_since = at
        if rssi_dbm >= self._thresholds.enter_dbm:
            self._strong.append(at)
        if self._level >= self._thresholds.enter_dbm and self._is_strong_lately(at):
            self._is_in = True
            self.strong_at = at

    def _is_strong_lately(self, at: datetime) -> bool:
        # Samples as they came: the average of a first, single spike would be strong for long.
        return len(self._strong) == ENTER_SAMPLES and at - self._strong[0] <= ENTER_WITHIN

    def _smooth(self, rssi_dbm: float, at: datetime) -> None:
        samples = self._samples
        is_first = not samples
        samples.append((at, rssi_dbm))
        while at - samples[0][0] > MEDIAN_OVER:
            samples.popleft()
        middle = median(rssi for _, rssi in samples)
        self._level = middle if is_first else self._level + ALPHA * (middle - self._level)
