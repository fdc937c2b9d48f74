"""The simulation: time goes on minute by minute, and the real ``step`` decides.

Nothing of the rollout is imitated: plan, gates, documents and stages are the product's own. What
is simulated is what devices would have said until each minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from edge.central.fleet.rollout import acts
from edge.central.fleet.rollout.gate import Counts, Tally
from edge.central.fleet.rollout.machine import step
from edge.central.fleet.rollout.plan import Gate, Plan
from edge.central.fleet.rollout.state import CANARY_WAVE, Line, Stage, State
from edge.central.fleet.rollout.takings import Takings
from edge.central.fleet.simulate.cohort import Cohort
from edge.central.fleet.simulate.faults import FAULTS, Fault, Kind
from edge.central.fleet.simulate.journey import Draws, Illness, travel
from edge.central.fleet.simulate.shops import Shops
from edge.wire.rollout import Release

BEGIN: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONGEST_MIN: Final = 30 * 24 * 60
_OLD: Final = Release(release_id="ranker-1.0.0", target="models/ranker/1.0.0/r", version="1.0.0")
_NEW: Final = Release(release_id="ranker-1.1.0", target="models/ranker/1.1.0/r", version="1.1.0")


@dataclass(frozen=True, slots=True)
class Setup:
    """What is simulated."""

    shops: int = 100_000
    canary: int = 20
    kind: Kind = Kind.NONE
    seed: int = 7
    fault: Fault | None = None
    gate: Gate = field(default_factory=lambda: Gate(take_rate_margin=0.05))
    step_min: int = 1
    longest_min: int = LONGEST_MIN

    @property
    def plan(self) -> Plan:
        """The plan, with the product's own waves and times."""
        sites = frozenset(f"shop-{one}" for one in range(self.canary))
        salt = f"simulated-{self.seed}"
        return Plan(name="ranker", release=_NEW, salt=salt, canary=sites, gate=self.gate)


@dataclass(frozen=True, slots=True)
class Moment:
    """A stage that began, and when."""

    at_min: float
    stage: Stage
    share: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a rollout."""

    setup: Setup
    moments: tuple[Moment, ...]
    why: str
    stopped_at_min: float | None
    """When the document that takes everybody back was published."""
    first_exposed_min: float
    exposed_at_min: np.ndarray
    """When each shop that served people with it began to; sorted."""
    back_at_min: float | None
    """When the last of them that is online had heard of the stop."""
    offered: int
    target: int
    """The canary and the wave of 1 %: what a bad release may reach at most."""

    @property
    def exposed(self) -> int:
        """Shops that served people with the release."""
        return len(self.exposed_at_min)


def simulate(setup: Setup) -> Outcome:
    """Return what becomes of one rollout."""
    return _Run(setup).go()


class _Run:
    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._plan = setup.plan
        self._rng = np.random.default_rng(setup.seed)
        self._shops = Shops.make(self._rng, setup.shops, setup.canary, self._plan.salt)
        self._fault = setup.fault or FAULTS[setup.kind]
        self._is_member = np.zeros(setup.shops, dtype=bool)
        self._cohorts: list[Cohort] = []

    def go(self) -> Outcome:
        state = self._started()
        moments = [Moment(0.0, Stage.CANARY, 0.0)]
        self._join(state, 0.0)
        stopped_at = None
        for minute in self._minutes():
            counts = self._count(state, minute, stopped_at)
            stepped = step(state, counts, BEGIN + timedelta(minutes=minute))
            state = stepped.state
            if not stepped.said:
                continue
            rollout = state.rollout
            moments.append(Moment(minute, rollout.stage, rollout.share))
            if rollout.stage is Stage.ABORTING:
                stopped_at = float(minute)
            if rollout.stage.is_over:
                break
            self._join(state, float(minute))
        return self._outcome(state, tuple(moments), stopped_at)

    def _minutes(self) -> Iterator[int]:
        return iter(range(self._setup.step_min, self._setup.longest_min, self._setup.step_min))

    def _started(self) -> State:
        line = Line(name="ranker", version=1, stable=_OLD)
        state = acts.created(self._plan, line, "first", BEGIN).state
        for who in ("first", "second"):
            state = acts.approve(state, who, self._plan.digest, BEGIN).state
        return acts.start(state, (), BEGIN).state

    def _join(self, state: State, at_min: float) -> None:
        if not state.rollout.stage.is_exposing:
            return
        takes = self._shops.is_canary | (self._shops.share < state.rollout.share)
        which = np.flatnonzero(takes & ~self._is_member)
        if len(which) == 0 and state.rollout.wave != CANARY_WAVE:
            return
        self._is_member[which] = True
        shops = self._shops.of(which)
        draws = Draws.make(self._rng, self._fault, len(which))
        journeys = travel(
            shops,
            draws,
            Illness(self._setup.kind, self._fault),
            begins_at=at_min,
            trial_min=self._plan.trial_minutes,
        )
        if len(which):
            self._cohorts.append(
                Cohort.of(state.rollout.wave, shops, journeys, self._plan.finish_within_hours * 60)
            )

    def _count(self, state: State, minute: float, stopped_at: float | None) -> Counts:
        tallies = {one.wave: one.tally(minute) for one in self._cohorts}
        every = list(tallies.values())
        in_all = Tally(*(sum(getattr(one, name) for one in every) for name in Tally.__slots__))
        taken = sum((one.takings(minute) for one in self._cohorts), np.zeros(4))
        to_return = 0
        if stopped_at is not None:
            to_return = sum(one.to_return(minute, stopped_at) for one in self._cohorts)
        wave = state.rollout.wave
        takings = Takings(*(int(number) for number in taken))
        return Counts(wave, tallies.get(wave, Tally()), in_all, to_return, takings)

    def _outcome(
        self, state: State, moments: tuple[Moment, ...], stopped_at: float | None
    ) -> Outcome:
        exposed = np.sort(np.concatenate([one.exposed_at(stopped_at) for one in self._cohorts]))
        over = moments[-1].at_min if state.rollout.stage.is_over else None
        return Outcome(
            setup=self._setup,
            moments=moments,
            why=state.rollout.why,
            stopped_at_min=stopped_at,
            first_exposed_min=float(exposed[0]) if len(exposed) else 0.0,
            exposed_at_min=exposed,
            back_at_min=over if stopped_at is not None else None,
            offered=int(self._is_member.sum()),
            target=int((self._shops.is_canary | (self._shops.share < 0.01)).sum()),
        )
