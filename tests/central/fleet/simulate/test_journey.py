"""The simulation's devices and the real state machine, through the same draws."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from edge.central.fleet.simulate.faults import FAULTS, Kind
from edge.central.fleet.simulate.journey import (
    NEVER,
    PREFLIGHT_MIN,
    RESTART_MIN,
    Draws,
    Illness,
    Journeys,
    travel,
)
from edge.central.fleet.simulate.shops import Shops
from edge.central.fleet.simulate.simulation import BEGIN, Setup
from edge.update.machine import advance, begin, started
from edge.update.machine_state import State
from edge.update.machine_words import Done, Found, Result, Seen, Trouble
from edge.update.trial import Health
from edge.wire.releases import PackageFacts, Phase, target_path
from edge.wire.rollout import Candidate, RolloutDocument

TICK = timedelta(seconds=30)
REASONS = {Kind.CRASH: "crash", Kind.SLOW: "latency", Kind.NAN: "error_rate"}
TARGET = target_path("model", "ranker", "1.1.0")
FOUND = Found(
    PackageFacts(
        kind="model", name="ranker", version="1.1.0", abi=1, min_agent="0.1.0", size_unpacked=9
    ),
    9,
    "a" * 64,
)


class Device:
    """One shop's real state machine, told what the draws say."""

    def __init__(self, kind: Kind, at: int, shops: Shops, draws: Draws) -> None:
        self.kind, self.at, self.shops, self.draws = kind, at, shops, draws
        plan = Setup().plan
        self.trial_min = plan.trial_minutes
        self.state: State = begin("ranker", BEGIN)
        self.tried_at: datetime | None = None
        self.document = RolloutDocument(
            name="ranker",
            version=2,
            issued_at=BEGIN,
            candidate=Candidate(
                release_id="ranker-1.1.0",
                target=TARGET,
                version="1.1.0",
                salt="s",
                share=1.0,
                trial_minutes=self.trial_min,
            ),
        )
        self.seen = Seen(site="shop-1", document=self.document)

    def step(self, now: datetime, result: Result | None = None, **more: object) -> None:
        seen = replace(self.seen, result=result, **more)  # type: ignore[arg-type]
        self.state, do = advance(self.state, seen, now)
        while do.what == "go_on":
            self.state, do = advance(self.state, replace(seen, result=None), now)

    def walk(self, begun_at: float) -> datetime:
        """Take it from the document to its end; return when it ended."""
        now = moment(begun_at)
        self.step(now)
        self.step(now, FOUND)
        now += timedelta(minutes=float(self.shops.fetch_min[self.at]))
        self.step(now, Done())
        self.step(now, Done(model="m"))
        now += timedelta(minutes=PREFLIGHT_MIN)
        trouble = self.found_in_preflight()
        if trouble is not None:
            self.step(now, trouble)
            return now
        self.step(now, Done(), is_busy=True)
        now += timedelta(minutes=float(self.draws.busy_min[self.at]))
        self.step(now)
        assert self.state.phase is Phase.TRIAL
        self.tried_at = now
        return self.serve(now)

    def found_in_preflight(self) -> Trouble | None:
        if self.draws.fails[self.at]:
            return Trouble("memory")
        if self.draws.shows[self.at] and self.draws.is_found[self.at]:
            return Trouble(FAULTS[self.kind].found_as)
        return None

    def serve(self, now: datetime) -> datetime:
        runs = self.runs()
        served, left = timedelta(0), next(runs)
        while self.state.phase is Phase.TRIAL:
            tick = min(TICK, left)
            now, served, left = now + tick, served + tick, left - tick
            if left > timedelta(0):
                self.step(now, trial=self.health(served))
                continue
            now += timedelta(minutes=RESTART_MIN)
            self.state = started(self.state, now)
            left = next(runs)
            if self.state.phase is Phase.TRIAL:
                self.step(now, trial=self.health(served))
        self.step(now, Done())
        return now

    def runs(self) -> Iterator[timedelta]:
        if self.kind is Kind.CRASH and self.draws.shows[self.at]:
            for run in self.draws.runs_min[self.at]:
                yield timedelta(minutes=float(run))
        while True:
            yield timedelta(days=99)

    def health(self, served: timedelta) -> Health:
        minutes = served.total_seconds() / 60
        answers = 1 + int(self.shops.answers_min[self.at] * minutes)
        shows = bool(self.draws.shows[self.at])
        is_slow = self.kind is Kind.SLOW and shows
        is_nan = self.kind is Kind.NAN and shows and minutes >= self.draws.breaks_min[self.at]
        return Health(
            answers=answers,
            broke="not finite" if is_nan else "",
            p99_us=90_000.0 if is_slow else 2_000.0,
            samples=answers - 1,
            before_p99_us=2_000.0,
            before_samples=5_000,
        )


def moment(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=float(minutes))


def drawn(kind: Kind, number: int) -> tuple[Shops, Draws, Journeys]:
    rng = np.random.default_rng(11)
    shops = Shops.make(rng, number, 0, "s")
    fault = replace(FAULTS[kind], shows=0.8)  # most of them: this is about the rules
    draws = Draws.make(rng, fault, number)
    draws.fails[:3] = True
    trial_min = Setup().plan.trial_minutes
    journeys = travel(shops, draws, Illness(kind, fault), begins_at=0.0, trial_min=trial_min)
    return shops, draws, journeys


@pytest.mark.parametrize(
    ("kind", "number"), [(Kind.CRASH, 80), (Kind.SLOW, 50), (Kind.NAN, 50), (Kind.NONE, 20)]
)
def test_simulated_shops_end_as_the_real_machine_does(kind: Kind, number: int) -> None:
    shops, draws, journeys = drawn(kind, number)
    ends = set()
    for at in range(number):
        if draws.sticks[at] and not journeys.is_failed[at]:
            continue
        device = Device(kind, at, shops, draws)
        ended = device.walk(journeys.begun_at[at])
        phase = device.state.phase
        ends.add(phase)
        assert journeys.is_good[at] == (phase is Phase.COMMITTED)
        assert journeys.is_failed[at] == (phase is Phase.FAILED)
        assert journeys.is_rolled_back[at] == (phase is Phase.ROLLED_BACK)
        assert abs(ended - moment(journeys.ended_at[at])) <= timedelta(minutes=1)
        if phase is Phase.ROLLED_BACK:
            assert device.state.reason == REASONS[kind]
        if device.tried_at is None:
            assert journeys.tried_at[at] == NEVER
        else:
            assert abs(device.tried_at - moment(journeys.tried_at[at])) < timedelta(seconds=1)
    wanted = {Phase.COMMITTED, Phase.FAILED}
    assert ends == wanted if kind is Kind.NONE else ends == wanted | {Phase.ROLLED_BACK}
