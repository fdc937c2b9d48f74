"""How a release fares in each of many shops: the device's state machine, all shops at once.

An abstraction of ``edge.update.machine``: what takes time and what may go wrong is drawn first,
and the phases follow by the machine's own rules (more than two starts without ten good minutes in
between, or more than five in all, end a trial; 200 answers until a 99th percentile counts; one
answer that is not finite ends it at once). ``tests/central/fleet/simulate/test_journey.py`` walks
the real machine through the same draws and compares every end.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.central.fleet.simulate.faults import (
    LATE_BY_MIN,
    LATE_REPORT,
    NEVER_DONE,
    OTHER_FAILURES,
    Fault,
    Kind,
)
from edge.central.fleet.simulate.shops import Marks, Shops, Times

TAKE_RATE: Final = 0.2
PREFLIGHT_MIN: Final = 0.2
RESTART_MIN: Final = 0.3
LONGEST_BUSY_MIN: Final = 10.0  # until the shoppers of that moment have left
GOOD_RUN_MIN: Final = 10.0
MOST_STARTS: Final = 2
MOST_CRASHES: Final = 5
LEAST_SAMPLES: Final = 200
NEVER: Final = np.inf


@dataclass(frozen=True, slots=True)
class Draws:
    """What chance decides in each shop, before any rule."""

    shows: Marks
    is_found: Marks
    fails: Marks
    sticks: Marks
    busy_min: Times
    breaks_min: Times
    """Of serving until the first answer that is not finite."""
    runs_min: NDArray[np.float64]
    """Of serving from each start to the next crash; a row per shop."""
    luck: NDArray[np.float64]
    """How far takes lie from what is expected, in standard deviations: new and old."""
    report_min: Times
    """By how much later than it happened central hears of the end."""

    @classmethod
    def make(cls, rng: np.random.Generator, fault: Fault, number: int) -> "Draws":
        """Return the draws of ``number`` shops."""
        mean = fault.breaks_min or 1.0
        late = rng.random(number) < LATE_REPORT
        return cls(
            shows=rng.random(number) < fault.shows,
            is_found=rng.random(number) < fault.preflight,
            fails=rng.random(number) < OTHER_FAILURES,
            sticks=rng.random(number) < NEVER_DONE,
            busy_min=LONGEST_BUSY_MIN * rng.random(number),
            breaks_min=rng.exponential(mean, number),
            runs_min=rng.exponential(mean, (number, MOST_CRASHES + 1)),
            luck=rng.standard_normal((2, number)),
            report_min=np.where(late, rng.exponential(LATE_BY_MIN, number), 0.0),
        )


@dataclass(frozen=True, slots=True)
class Journeys:
    """When what happened in each shop, in minutes; NEVER where it did not."""

    there_at: Times
    """Reachable from here on."""
    begun_at: Times
    """It has seen the document."""
    tried_at: Times
    """People are served with it from here on."""
    ended_at: Times
    heard_at: Times
    """Central knows of the end."""
    is_good: Marks
    is_failed: Marks
    """Before anybody was served with it."""
    is_rolled_back: Marks
    visits_new: Times
    takes_new: Times
    visits_old: Times
    takes_old: Times


@dataclass(frozen=True, slots=True)
class Illness:
    """What is wrong with the release."""

    kind: Kind
    fault: Fault


def travel(
    shops: Shops, draws: Draws, ill: Illness, *, begins_at: float, trial_min: float
) -> Journeys:
    """Return how the release fares that is offered to ``shops`` at ``begins_at``."""
    begun_at = shops.looks_after(begins_at)
    fetched_at = begun_at + shops.fetch_min
    checked_at = fetched_at + PREFLIGHT_MIN
    is_failed = draws.fails | (draws.shows & draws.is_found)
    is_lost = draws.sticks & ~is_failed
    begins = ~is_failed & ~is_lost
    tried_at = np.where(begins, checked_at + draws.busy_min, NEVER)
    lasts, is_bad = _trials(shops, draws, ill.kind, trial_min)
    ended_at = np.where(is_failed, checked_at, tried_at + lasts)
    return Journeys(
        begun_at=begun_at,
        there_at=np.maximum(begins_at, shops.back_at),
        tried_at=tried_at,
        ended_at=ended_at,
        heard_at=ended_at + draws.report_min,
        is_good=begins & ~is_bad,
        is_failed=is_failed,
        is_rolled_back=begins & is_bad,
        **_takings(shops, draws, ill.fault, begins, lasts),
    )


def _trials(shops: Shops, draws: Draws, kind: Kind, trial_min: float) -> tuple[Times, Marks]:
    """Return how long each trial lasts, and whether it ends badly."""
    if kind is Kind.CRASH:
        return _through_crashes(draws, trial_min)
    is_bad = draws.shows & (_breaks(shops, draws, kind) < trial_min)
    return np.where(is_bad, _breaks(shops, draws, kind), trial_min), is_bad


def _breaks(shops: Shops, draws: Draws, kind: Kind) -> Times:
    """Return after how much serving the machine gives up where the fault shows."""
    match kind:
        case Kind.SLOW:
            return LEAST_SAMPLES / shops.answers_min
        case Kind.NAN:
            return draws.breaks_min
        case _:
            return np.full(len(shops), NEVER)


def _through_crashes(draws: Draws, trial_min: float) -> tuple[Times, Marks]:
    # Serving time is what counts towards the trial; each start takes a moment without it.
    number = len(draws.shows)
    starts, crashes, served = np.zeros(number), np.zeros(number), np.zeros(number)
    is_over, is_bad = ~draws.shows, np.zeros(number, dtype=bool)
    for run in draws.runs_min.T:
        is_over = is_over | (served + run >= trial_min)
        served = np.where(is_over, served, served + run)
        crashes = np.where(is_over, crashes, crashes + 1)
        starts = np.where(is_over, starts, np.where(run >= GOOD_RUN_MIN, 0, starts) + 1)
        given_up = ~is_over & ((starts > MOST_STARTS) | (crashes > MOST_CRASHES))
        is_bad, is_over = is_bad | given_up, is_over | given_up
    return np.where(is_bad, served, trial_min) + RESTART_MIN * crashes, is_bad


def _takings(
    shops: Shops, draws: Draws, fault: Fault, begins: Marks, lasts: Times
) -> dict[str, Times]:
    # Half of the visits are drawn for either model.
    visits = np.where(begins, shops.visits_h * lasts / 60 / 2, 0.0)
    new, old = (
        np.clip(visits * rate + luck * np.sqrt(visits * rate * (1 - rate)), 0.0, visits)
        for rate, luck in zip((TAKE_RATE * (1 - fault.worse), TAKE_RATE), draws.luck, strict=True)
    )
    return {"visits_new": visits, "takes_new": new, "visits_old": visits, "takes_old": old}
