"""The shops that one wave brought in, and what central would have counted of them at any minute.

Everything is sorted once, so that a count is a search.
"""

from dataclasses import dataclass

import numpy as np

from edge.central.fleet.rollout.gate import Tally
from edge.central.fleet.simulate.journey import NEVER, Journeys
from edge.central.fleet.simulate.shops import Shops, Times


@dataclass(frozen=True, slots=True)
class Cohort:
    """One wave's shops."""

    wave: int
    shops: Shops
    journeys: Journeys
    there: Times
    begun: Times
    good: Times
    failed: Times
    rolled_back: Times
    overdue: Times
    """When a shop that never ends has been online for too long."""
    silent_from: Times
    silent_to: Times
    taken_at: Times
    taken: Times

    @classmethod
    def of(cls, wave: int, shops: Shops, journeys: Journeys, within_min: float) -> "Cohort":
        """Return the cohort, ready to be counted."""
        ends = journeys.heard_at
        is_lost = ~(journeys.is_good | journeys.is_failed | journeys.is_rolled_back)
        is_late = (ends > journeys.ended_at) & (ends < NEVER)
        by_end = np.argsort(ends)
        figures = np.stack(
            (journeys.visits_new, journeys.takes_new, journeys.visits_old, journeys.takes_old)
        )
        return cls(
            wave=wave,
            shops=shops,
            journeys=journeys,
            there=np.sort(journeys.there_at),
            begun=np.sort(journeys.begun_at),
            good=np.sort(ends[journeys.is_good]),
            failed=np.sort(ends[journeys.is_failed]),
            rolled_back=np.sort(ends[journeys.is_rolled_back]),
            overdue=np.sort(journeys.there_at[is_lost] + within_min),
            silent_from=np.sort(journeys.ended_at[is_late]),
            silent_to=np.sort(ends[is_late]),
            taken_at=ends[by_end],
            taken=np.concatenate((np.zeros((4, 1)), np.cumsum(figures[:, by_end], axis=1)), axis=1),
        )

    def tally(self, minute: float) -> Tally:
        """Return what central counts at ``minute``."""
        finished = _until(self.good, minute)
        failed = _until(self.failed, minute)
        rolled_back = _until(self.rolled_back, minute)
        overdue = _until(self.overdue, minute)
        silent = _until(self.silent_from, minute) - _until(self.silent_to, minute)
        begun = _until(self.begun, minute)
        return Tally(
            members=len(self.there),
            finished=finished,
            failed=failed,
            rolled_back=rolled_back,
            overdue=overdue,
            silent=silent,
            running=begun - finished - failed - rolled_back - overdue - silent,
            waiting=_until(self.there, minute) - begun,
        )

    def takings(self, minute: float) -> Times:
        """Return visits and takes of both releases, as far as they were reported."""
        found: Times = self.taken[:, _until(self.taken_at, minute)]
        return found

    def exposed_at(self, stopped_at: float | None) -> Times:
        """Return when each shop began to serve people with it that did before it heard of a stop."""
        tried = self.journeys.tried_at
        if stopped_at is None:
            return tried[tried < NEVER]
        found: Times = tried[tried < self.shops.looks_after(stopped_at)]
        return found

    def to_return(self, minute: float, stopped_at: float) -> int:
        """Return how many that are online have not heard of the stop."""
        hears_at = self.shops.looks_after(stopped_at)
        is_there = self.journeys.there_at <= minute
        has_it = self.journeys.tried_at < hears_at
        is_rid = self.journeys.is_rolled_back & (self.journeys.ended_at <= minute)
        return int(np.count_nonzero(is_there & has_it & ~is_rid & (hears_at > minute)))


def _until(times: Times, minute: float) -> int:
    return int(np.searchsorted(times, minute, side="right"))
