"""A rollout's picture is counted in one go, and says the same as counting wave by wave."""

from datetime import timedelta
from typing import Any

import pytest

from edge.central.fleet.rollout import members
from edge.central.fleet.rollout.rows import peek
from edge.central.fleet.rollout.shown import looked_at
from edge.central.fleet.rollout.state import State
from edge.central.fleet.web.summary import summary
from edge.central.fleet.web.waves import waves_shown
from edge.central.postgres import Cursor, connect
from edge.wire.releases import Phase
from tests.fakes.fleet_web import TENANT, FleetWeb


class Counting:
    """A cursor that counts what it is asked."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.asked: list[str] = []

    def execute(self, query: str | bytes, *given: Any) -> Cursor:  # noqa: ANN401
        self.asked.append(query if isinstance(query, str) else query.decode())
        return self._cursor.execute(query, *given)


@pytest.fixture
def under_way(web: FleetWeb) -> str:
    web.fleet.come(*(f"shop-{number}.1" for number in range(12)))
    rollout_id = web.draft(bake_minutes=0)
    plan = web.see(f"/rollouts/{rollout_id}")["plan_digest"]
    for who in ("ada", "grace"):
        web.fleet.rollouts.approve(rollout_id, who, str(plan))
    web.fleet.rollouts.start(rollout_id, "ada")
    for _ in range(8):
        web.fleet.step()
        web.fleet.say(Phase.COMMITTED, *(f"shop-{number}.1" for number in range(12)))
        web.clock.advance(timedelta(minutes=1))
    return rollout_id


def test_however_many_waves_there_are_members_are_counted_once(
    web: FleetWeb, under_way: str
) -> None:
    with connect(web.database) as con, con.cursor() as cur:
        asked: Any = Counting(cur)
        state, counts = looked_at(asked, under_way, web.clock())
        picture = waves_shown(asked, state, counts)
    assert sum("rollout_member" in query for query in asked.asked) == 1
    assert sum(one["members"] for one in picture["waves"]) == counts.in_all.members == 12


def test_each_wave_counts_as_if_it_was_counted_alone(web: FleetWeb, under_way: str) -> None:
    with connect(web.database) as con, con.cursor() as cur:
        state = peek(cur, under_way)
        together = members.count(cur, state, web.clock()).by_wave
        assert len(together) > 1
        for wave, tally in together.items():
            alone = State(state.line, state.rollout.model_copy(update={"wave": wave}))
            assert members.count(cur, alone, web.clock()).in_wave == tally


def test_the_fleet_in_figures_looks_at_every_device_once(web: FleetWeb, under_way: str) -> None:
    assert under_way
    with connect(web.database) as con, con.cursor() as cur:
        asked: Any = Counting(cur)
        summary(asked, TENANT, web.clock())
    assert sum("latest_health" in query for query in asked.asked) == 1
