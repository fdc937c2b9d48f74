"""Simulated shops: when they look, when they are there, how quick and how busy they are.

One device per shop. Every number that is not ours is here, with what it is taken to be; none is
measured, so the result is about the state machine, not about a chain.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.wire.releases import site_share

Times = NDArray[np.float64]
"""Minutes since the rollout began."""
Marks = NDArray[np.bool_]
Generator: Final = np.random.Generator

POLL_MIN: Final = 30.0
JITTER: Final = 0.2
OFFLINE_SHARE: Final = 0.04
OFFLINE_MEAN_MIN: Final = 20 * 60.0
LONG_OFFLINE_SHARE: Final = 0.1  # of those who are offline: for weeks
LONG_OFFLINE_MEAN_MIN: Final = 21 * 24 * 60.0
FETCH_MEDIAN_MIN: Final = 4.0
SLOW_LINE_SHARE: Final = 0.05
SLOW_LINE_TIMES: Final = 20.0
VISITS_AN_HOUR: Final = 25.0
ANSWERS_A_MINUTE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Shops:
    """Facts about shops that no release changes; one entry of each array per shop."""

    share: Times
    is_canary: Marks
    poll_min: Times
    phase_min: Times
    back_at: Times
    """When a shop that is offline at the beginning comes back; 0: it is there."""
    fetch_min: Times
    visits_h: Times
    answers_min: Times

    @classmethod
    def make(cls, rng: np.random.Generator, number: int, canary: int, salt: str) -> Self:
        """Return ``number`` shops, of which the first ``canary`` are listed and online."""
        poll = POLL_MIN * rng.uniform(1 - JITTER, 1 + JITTER, number)
        is_canary = np.arange(number) < canary
        away = (rng.random(number) < OFFLINE_SHARE) & ~is_canary
        long = rng.random(number) < LONG_OFFLINE_SHARE
        mean = np.where(long, LONG_OFFLINE_MEAN_MIN, OFFLINE_MEAN_MIN)
        slow = np.where(rng.random(number) < SLOW_LINE_SHARE, SLOW_LINE_TIMES, 1.0)
        return cls(
            share=np.array([site_share(f"shop-{one}", salt) for one in range(number)]),
            is_canary=is_canary,
            poll_min=poll,
            phase_min=poll * rng.random(number),
            back_at=np.where(away, rng.exponential(mean), 0.0),
            fetch_min=FETCH_MEDIAN_MIN * rng.lognormal(0.0, 0.7, number) * slow,
            visits_h=VISITS_AN_HOUR * rng.lognormal(0.0, 0.6, number),
            answers_min=ANSWERS_A_MINUTE * rng.lognormal(0.0, 0.8, number),
        )

    def of(self, which: NDArray[Any]) -> "Shops":
        """Return some of the shops, by mask or index."""
        return Shops(*(getattr(self, name)[which] for name in self.__slots__))

    def looks_after(self, at: float | Times) -> Times:
        """Return when each shop looks for news next, at ``at`` or later.

        By polling alone: the doorbell, which makes it a minute, is a hint that may be lost.
        """
        there = np.maximum(at, self.back_at)
        turns = np.ceil((there - self.phase_min) / self.poll_min)
        return self.phase_min + turns * self.poll_min

    def __len__(self) -> int:
        return len(self.share)
