"""A ranker that is watched while it answers: how long it takes, and whether it answers at all.

Processor time, not the time on the wall, tells whether a model became slower: the shop's other
work does not. Whether an answer ever comes, only the time on the wall tells.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.app.releases.crash_marks import Mark
from edge.recommend.ranker import Ranker, Ranking, RankRequest

_RING: Final = 2_048


class Meter:
    """What answering took, for the last 2,048 answers. Safe to use from every thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._took_us: NDArray[np.float32] = np.zeros(_RING, dtype=np.float32)
        self._asked_at: dict[int, float] = {}  # thread -> when its question began
        self._answered_at = monotonic()
        self.answers = 0

    def asked(self) -> None:
        """Note that this thread asks now."""
        self._asked_at[threading.get_ident()] = self._monotonic()

    def answered(self, took_us: float) -> None:
        """Note that this thread got its answer."""
        # Without a lock: two threads may share a place in the ring, and nothing else.
        self._took_us[self.answers % _RING] = took_us
        self.answers += 1
        self._answered_at = self._monotonic()

    def over(self) -> None:
        """Note that this thread does not wait any more, answered or not."""
        self._asked_at.pop(threading.get_ident(), None)

    @property
    def samples(self) -> int:
        """How many answers the percentile is of."""
        return min(self.answers, _RING)

    def p99_us(self) -> float:
        """Return the 99th percentile of processor time, in microseconds; 0 without answers."""
        return float(np.percentile(self._took_us[: self.samples], 99)) if self.samples else 0.0

    def hangs_s(self) -> float:
        """Return how long the oldest question has been waiting."""
        return max((self._monotonic() - at for at in list(self._asked_at.values())), default=0.0)

    def silent_s(self) -> float:
        """Return for how long nothing was answered."""
        return self._monotonic() - self._answered_at


class Watched:
    """A ``Ranker`` whose answers are measured."""

    def __init__(self, ranker: Ranker, meter: Meter, mark: Mark | None = None) -> None:
        self._ranker = ranker
        self._mark = mark or Mark.unseen()
        self.meter = meter

    @property
    def name(self) -> str:
        """The kind of ranker."""
        return self._ranker.name

    @property
    def digest(self) -> str:
        """What identifies it in a recorded decision."""
        return self._ranker.digest

    @property
    def part_names(self) -> tuple[str, ...]:
        """The names of the columns of ``Ranking.parts``."""
        return self._ranker.part_names

    def rank(self, request: RankRequest) -> Ranking:
        """Return the best items that may be shown."""
        self.meter.asked()
        slot = self._mark.enter()
        began = time.thread_time_ns()
        try:
            found = self._ranker.rank(request)
            self.meter.answered((time.thread_time_ns() - began) / 1_000)
        finally:
            self._mark.leave(slot)
            self.meter.over()
        return found
