"""The service is killed under load, over and over: what it acknowledged reaches central.

``make soak`` kills 200 times with the broker up, and 200 times with it away until the end;
``KILLS`` changes that. ``make test`` runs the same with three kills.
"""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from edge.core.chance import draws
from tests.fakes.broker import Broker, Central, listening, running_broker, wait_until
from tests.fakes.service import RunningService
from tests.fakes.shoppers import Promised, Shoppers

KILLS = int(os.environ.get("KILLS", "200"))


def kill_under_load(data: Path, broker: Broker, kills: int) -> Promised:
    """Start, load and kill the service so many times; return what it acknowledged."""
    promised = Promised()
    for number in range(kills):
        service = RunningService.start(data, broker.port)
        shoppers = Shoppers(promised)
        shoppers.arrive(service.port)
        # From "hardly begun" to "well under way", by chance but the same in every run.
        time.sleep(0.05 + 0.8 * draws(f"kill {number}", 1)[0])
        service.kill()
        shoppers.leave()
        assert shoppers.unexpected == []
    return promised


def deliver_the_rest(data: Path, broker: Broker, central: Central, promised: Promised) -> None:
    """Start the service once more and wait until central has everything that was promised."""
    with RunningService.start(data, broker.port):
        wait_until(lambda: promised.ids <= set(central.ids()), "central has all", 120)


def check(central: Central, promised: Promised, kills: int) -> None:
    """Assert that nothing is missing, and that repeats differ in nothing but when they were sent."""
    arrived = central.events()
    by_id: dict[str, dict[str, Any]] = {event["id"]: event for event in arrived}
    facts = [_fact(event) for event in by_id.values()]
    places = {(e["epoch"], _lane(e), e["seq"], e["id"]) for e in arrived}
    print(  # noqa: T201 - the figures are the point of a soak
        f"\n{kills} kills: {len(promised.ids)} acknowledged "
        f"({len(promised.decisions)} decisions, {len(promised.engagements)} engagements, "
        f"{len(promised.orders)} orders), {len(arrived)} arrived, {len(by_id)} after removing "
        f"{len(arrived) - len(by_id)} repeats, {len(promised.ids - set(by_id))} lost"
    )

    assert len(promised.ids) > kills
    assert promised.ids - set(by_id) == set()
    assert [fact for fact, times in Counter(facts).items() if times > 1] == []
    assert len(places) == len({place[:3] for place in places}) == len(by_id)


def _fact(event: dict[str, Any]) -> tuple[str, str]:
    """Return what an event reports, whatever its id: one fact must not come under two ids."""
    about = event["data"]["properties"]
    kind = event["dataschema"].split(":")[3]
    if kind == "order":
        return kind, about["order_id"]
    if kind == "decision":
        return kind, about["decision_id"]
    return kind, event["id"]


def _lane(event: dict[str, Any]) -> str:
    kind = event["dataschema"].split(":")[3]
    return {"order": "t", "decision": "e", "engagement": "e"}.get(kind, "m")


def with_the_broker_up(folder: Path, kills: int) -> None:
    with running_broker(folder) as broker, listening(broker) as central:
        promised = kill_under_load(folder / "data", broker, kills)
        deliver_the_rest(folder / "data", broker, central, promised)
        check(central, promised, kills)


def with_the_broker_away(folder: Path, kills: int) -> None:
    broker = Broker(folder)
    promised = kill_under_load(folder / "data", broker, kills)
    broker.start()
    try:
        with listening(broker) as central:
            deliver_the_rest(folder / "data", broker, central, promised)
            check(central, promised, kills)
    finally:
        broker.kill()


@pytest.mark.broker
def test_three_kills_under_load_lose_nothing(tmp_path: Path) -> None:
    with_the_broker_up(tmp_path, 3)


@pytest.mark.soak
@pytest.mark.broker
def test_three_kills_without_a_broker_lose_nothing(tmp_path: Path) -> None:
    with_the_broker_away(tmp_path, 3)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_many_kills_under_load_lose_nothing(tmp_path: Path) -> None:
    with_the_broker_up(tmp_path, KILLS)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_many_kills_without_a_broker_lose_nothing(tmp_path: Path) -> None:
    with_the_broker_away(tmp_path, KILLS)
