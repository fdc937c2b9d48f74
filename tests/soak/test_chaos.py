"""Device, broker, bridges and database are killed at random while shoppers shop: nothing is lost.

``make soak`` kills 500 times; ``CHAOS_KILLS`` changes that, and ``CHAOS_BY=broker`` lets the device
believe the broker, which loses. ``make test`` runs the same with 20 kills.
"""

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from edge.central.postgres import connect
from edge.core.chance import draws
from tests.fakes.chaos import CommandPart, PatientShoppers, Scene, scene, settle
from tests.fakes.shoppers import Promised

KILLS = int(os.environ.get("CHAOS_KILLS", "500"))
BY = os.environ.get("CHAOS_BY", "central")
KINDS: Final = ("device", "broker", "bridge-1", "bridge-2", "database")


@dataclass(frozen=True)
class Pace:
    """How fast it is killed and comes back, and how long everything may take to arrive then."""

    apart_s: float
    away_s: float
    drain_s: float
    shopping_pause_s: float


SHORT: Final = Pace(apart_s=0.2, away_s=0.5, drain_s=30, shopping_pause_s=0.02)
LONG: Final = Pace(apart_s=1.6, away_s=3.0, drain_s=300, shopping_pause_s=0.05)


def kill_at_random(scene: Scene, kills: Sequence[str], pace: Pace) -> Counter[str]:
    """Kill what ``kills`` names, one after the other; each comes back after a pause of its own."""
    back: dict[str, float] = {}
    done: Counter[str] = Counter()
    for number, name in enumerate(kills):
        apart, away = draws(f"chaos {number}", 2)
        until = time.monotonic() + 2 * pace.apart_s * apart
        # It must be there to be killed; while it is not, others may be away with it.
        while (rest := max(until, back.get(name, 0.0)) - time.monotonic()) > 0:
            _revive(scene, back)
            scene.tend()
            time.sleep(min(rest, 0.1))
        _revive(scene, back)
        scene.kill(name)
        done[name] += 1
        back[name] = time.monotonic() + 2 * pace.away_s * away
    for name in list(back):
        if name in scene.down:
            scene.revive(name)
    return done


def _revive(scene: Scene, back: dict[str, float]) -> None:
    for name, at in list(back.items()):
        if at <= time.monotonic():
            del back[name]
            scene.revive(name)


def plan(kills: int, kinds: Sequence[str]) -> list[str]:
    """Return whom to kill, by chance but the same in every run; the device last."""
    order = [kinds[int(draws(f"whom {n}", 1)[0] * len(kinds))] for n in range(kills - 1)]
    return [*order, "device"]


@dataclass(frozen=True)
class Outcome:
    """What was promised, and what became of it."""

    promised: Promised
    ids: set[str]
    rows: int
    facts: Counter[tuple[str, str]]
    missing: int
    """Numbers of any lane that were given to an event and never arrived."""
    reused: int
    left: int
    """Events still on the device."""

    @property
    def lost(self) -> set[str]:
        return self.promised.ids - self.ids

    @property
    def double(self) -> list[tuple[str, str]]:
        return [fact for fact, times in self.facts.items() if times > 1]


def chaos(folder: Path, order: Sequence[str], pace: Pace, by: str = "central") -> Outcome:
    """Kill in ``order`` under load, let everything drain, and look."""
    promised = Promised()
    shoppers = PatientShoppers(promised, pace.shopping_pause_s)
    began = time.monotonic()
    with scene(folder, by) as made:
        made.start()
        shoppers.arrive(made.port)
        killing = time.monotonic()
        try:
            done = kill_at_random(made, order, pace)
            took_s = time.monotonic() - killing
            made.wait_for_the_device()
        finally:
            shoppers.leave()
        settle(made, promised, lambda: arrived(made), pace.drain_s)
        for name in made.metrics:
            made.note_repeats(name)
        decisions, orders = made.committed()
        outcome = look(made, promised)
        assert made.dead_letters() == 0
        device = made.parts["device"]
        assert isinstance(device, CommandPart)
        assert device.restarts == 0, device.log.read_text()[-3000:]
    assert shoppers.unexpected == []
    print(  # noqa: T201 - the figures are the point of a soak
        f"\n{sum(done.values())} kills in {took_s:.0f} s ({time.monotonic() - began:.0f} s in all): "
        f"{dict(sorted(done.items()))}; acknowledged over HTTP {len(promised.ids)} "
        f"({len(promised.decisions)} decisions, {len(promised.engagements)} engagements, "
        f"{len(promised.orders)} orders); {outcome.rows} rows at central, at least "
        f"{made.repeats:.0f} repeats removed; {len(outcome.lost)} lost, {len(outcome.double)} double, "
        f"{outcome.missing} numbers missing, {outcome.left} still on the device"
    )
    if by == "central":
        known = {fact for _, fact in outcome.facts}
        assert decisions - known == set()
        assert orders - known == set()
    return outcome


def arrived(scene: Scene) -> set[str]:
    """Return the ids of all events at central."""
    with connect(scene.database) as con:
        return {row[0] for row in con.execute("SELECT event_id::text FROM event").fetchall()}


def look(scene: Scene, promised: Promised) -> Outcome:
    """Return what is at central."""
    with connect(scene.database) as con:
        rows = con.execute(
            "SELECT event_id::text, name, body #>> '{data,properties,order_id}',"
            " body #>> '{data,properties,decision_id}' FROM event"
        ).fetchall()
        marks = con.execute(
            "SELECT coalesce(sum(highest_seq - arrived - dropped), 0), coalesce(sum(reused), 0)"
            " FROM high_water"
        ).fetchone()
    assert marks is not None
    facts = Counter(_fact(*row) for row in rows)
    return Outcome(
        promised,
        {row[0] for row in rows},
        len(rows),
        facts,
        int(marks[0]),
        int(marks[1]),
        scene.outbox(),
    )


def _fact(event_id: str, name: str, order: str | None, decision: str | None) -> tuple[str, str]:
    """Return what an event reports, whatever its id: one fact must not come under two ids."""
    if order is not None:
        return name, order
    if decision is not None and event_id == decision:
        return name, decision
    return name, event_id


def check(outcome: Outcome) -> None:
    """Assert that nothing is lost, nothing is there twice, and no number is unaccounted for."""
    assert outcome.lost == set()
    assert outcome.double == []
    assert outcome.rows == len(outcome.ids)
    assert (outcome.missing, outcome.reused, outcome.left) == (0, 0, 0)


@pytest.mark.broker
@pytest.mark.timeout(180)
def test_twenty_kills_of_anything_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    outcome = chaos(tmp_path, plan(20, KINDS), SHORT)

    assert len(outcome.promised.ids) > 20
    check(outcome)


@pytest.mark.soak
@pytest.mark.timeout(10_800)
def test_many_kills_of_anything_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    kinds = tuple(os.environ.get("CHAOS_KINDS", ",".join(KINDS)).split(","))
    outcome = chaos(tmp_path, plan(KILLS, kinds), LONG, BY)

    assert len(outcome.promised.ids) > KILLS
    check(outcome)
