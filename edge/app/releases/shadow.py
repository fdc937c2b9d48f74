"""A candidate ranks what others ask, off their way and for nobody to see.

What is asked goes into a short queue, and is left out when that is full: no request ever waits for
it. A recognised customer's requests are not used, and none that filters allergens: they consented
to their row, not to the trying of models.
"""

import threading
from collections import deque
from typing import Final

import numpy as np

from edge.app.releases.loading import meter_of
from edge.app.shelves import Shelves
from edge.core.clock import Clock
from edge.core.errors import EdgeError, ModelContractError
from edge.decide.arrange import Exploration
from edge.decide.bundle import Bundle
from edge.decide.decide import Decision, decide
from edge.decide.values import Asked
from edge.update.machine_words import Shadowed
from edge.update.trial import Health, Limits, is_slow

MOST_WAITING: Final = 64
MOST_AT_ONCE: Final = 32
"""Ranked in one go, by the thread that also watches: some milliseconds."""


class Shadow:
    """Asks a candidate what was asked of the one that serves. ``decided`` may be called from everywhere."""

    def __init__(self, shelves: Shelves, clock: Clock, limits: Limits) -> None:
        self._shelves = shelves
        self._clock = clock
        self._limits = limits
        self._waiting: deque[tuple[Asked, tuple[str, ...], str]] = deque(maxlen=MOST_WAITING)
        self._lock = threading.Lock()
        self._candidate: Bundle | None = None
        self._forget()

    @property
    def candidate(self) -> Bundle | None:
        """The bundle in shadow."""
        return self._candidate

    def begin(self, candidate: Bundle) -> None:
        """Ask ``candidate`` from now on."""
        with self._lock:
            self._forget()
            self._candidate = candidate

    def end(self) -> None:
        """Ask nobody any more."""
        with self._lock:
            self._candidate = None
            self._waiting.clear()

    def decided(self, asked: Asked, decision: Decision) -> None:
        """Queue what was asked, if it may be used."""
        if self._candidate is None or asked.recognised is not None or asked.avoid:
            return
        if len(self._waiting) < MOST_WAITING:
            shown = tuple(one.sku for one in decision.slate.shown)
            self._waiting.append((asked, shown, decision.slate.decision_id))

    def work(self, before_p99_us: float, before_samples: int) -> Shadowed | None:
        """Rank some of what waits and return what was seen so far; None: nothing is in shadow."""
        with self._lock:
            candidate = self._candidate
            if candidate is None:
                return None
            for _ in range(min(MOST_AT_ONCE, len(self._waiting))):
                if not self._broke:
                    self._rank(candidate, *self._waiting.popleft())
            meter = meter_of(candidate)
            health = Health(
                p99_us=meter.p99_us(),
                samples=meter.samples,
                before_p99_us=before_p99_us,
                before_samples=before_samples,
            )
            return Shadowed(
                requests=self._ranked,
                broke=self._broke,
                p99_us=health.p99_us,
                overlap=float(np.mean(self._overlaps)) if self._overlaps else 0.0,
                is_slow=is_slow(health, self._limits),
            )

    def _rank(
        self, candidate: Bundle, asked: Asked, shown: tuple[str, ...], decision_id: str
    ) -> None:
        try:
            at = asked.at or self._clock()
            shelf = self._shelves.at(at, live=asked.at is None, bundle=candidate)
            found = decide(decision_id, asked, shelf, Exploration())
        except ModelContractError as error:
            self._broke = str(error) or "it broke"
            return
        except EdgeError:
            return  # the catalog or the basket changed meanwhile: nobody's fault
        self._ranked += 1
        also = {one.sku for one in found.slate.shown}
        if shown:
            self._overlaps.append(len(also.intersection(shown)) / len(shown))

    def _forget(self) -> None:
        self._waiting.clear()
        self._ranked = 0
        self._overlaps: list[float] = []
        self._broke = ""
