"""Clocks that were wrong: what they dated must not stay for as long as they were ahead."""

from datetime import timedelta
from pathlib import Path

import pytest

from edge.context.moment import Weather
from edge.core.clock import SettableClock
from edge.web.ports import ContextFacts
from tests.fakes.appliance import LUNCH_AT, appliance, client

FIVE_YEARS = timedelta(days=5 * 365)


@pytest.mark.parametrize("wrong_by", [FIVE_YEARS, -FIVE_YEARS, timedelta(hours=4)])
def test_weather_told_to_a_wrong_clock_is_unknown_once_it_is_right(
    tmp_path: Path, wrong_by: timedelta
) -> None:
    clock = SettableClock(LUNCH_AT + wrong_by)
    with appliance(tmp_path, clock=clock) as built:
        facts = ContextFacts(weather=Weather(30.0, is_wet=False), kitchen_load=1.0)
        built.services.set_context(facts).result(5)
        clock.at = LUNCH_AT

        context = built.services.context("signage")
        assert (context.weather, context.kitchen_load) == (None, None)


@pytest.mark.parametrize("wrong_by", [FIVE_YEARS, -FIVE_YEARS, timedelta(days=400)])
def test_a_start_by_a_wrong_clock_deletes_nothing(tmp_path: Path, wrong_by: timedelta) -> None:
    with appliance(tmp_path, clock=SettableClock(LUNCH_AT)) as built:
        made = client(built).post("/api/v1/decide", json={"placement": "kiosk-strip"}).json
        assert made

    with appliance(tmp_path, clock=SettableClock(LUNCH_AT + wrong_by)) as built:
        for job in built.supervisor.jobs:
            if job.name == "retention":
                job.run()
        assert built.services.explain(made["decision_id"])
        assert built.store.health().waiting >= 1


def test_an_acknowledged_tap_is_delivered_though_the_tills_clock_was_wrong(tmp_path: Path) -> None:
    with appliance(tmp_path) as built:
        till = client(built)
        made = till.post("/api/v1/decide", json={"placement": "kiosk-strip"}).json
        assert made
        before = built.store.health().waiting
        for number, at in enumerate(("2000-01-01T00:00:00Z", "2099-01-01T00:00:00Z")):
            tap = {
                "event_id": f"00000000-0000-7000-8000-00000000000{number}",
                "kind": "tap",
                "decision_id": made["decision_id"],
                "slot": 0,
                "at": at,
            }
            assert till.post("/api/v1/events", json={"events": [tap]}).status_code == 200

        built.store.sweep()
        assert built.store.health().waiting == before + 2
        # Nothing is dated ahead, where it would stay on the device for as long.
        kept = built.store.reads.engagements(made["decision_id"])
        assert [one.at for one in kept] == [LUNCH_AT]
