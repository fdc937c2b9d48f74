"""A kill between the decision and its painting loses no exposure, and makes none up."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson
import pytest

from edge.app.wiring import Appliance
from edge.decide.engagement import Engagement
from edge.store.store import Store
from tests.fakes.appliance import LUNCH_AT, ROOT, appliance

pytestmark = pytest.mark.broker

DECIDES: Final = """
import sys, time
from pathlib import Path
from edge.decide.values import Asked
from tests.fakes.appliance import appliance

with appliance(Path(sys.argv[1])) as built:
    for number in range(5):
        slate = built.services.serve(Asked("kiosk-strip", "kiosk-1", f"visit-{number}"))
        print(slate.decision_id, flush=True)
    time.sleep(60)
"""


def killed_after_deciding(data: Path) -> list[str]:
    """Return the decisions that a process told of before it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", DECIDES, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(5)]
        child.kill()
    return told


def exposures(store: Store) -> list[dict[str, Any]]:
    events = [orjson.loads(one.body) for one in store.reads.waiting("e", 100)]
    return [one["data"] for one in events if one["dataschema"].split(":")[3] == "engagement"]


def paints(built: Appliance, decision_id: str) -> None:
    one = Engagement(str(uuid4()), "exposure", decision_id, None, "kiosk-1", None, LUNCH_AT)
    built.services.engage([one]).result(5)


def test_what_is_painted_after_a_kill_counts_for_the_arm_it_was_decided_with(
    tmp_path: Path,
) -> None:
    told = killed_after_deciding(tmp_path)

    with appliance(tmp_path) as built:
        assert exposures(built.store) == []  # decided five times, seen by nobody
        for decision_id in told[:3]:
            paints(built, decision_id)
        found = exposures(built.store)
        recorded = [built.store.reads.decision(one) for one in told]

    assert [one["properties"]["decision_id"] for one in found] == told[:3]
    for event, decision in zip(found, recorded, strict=False):
        assert decision is not None
        written = orjson.loads(decision.body)["assignment"]
        assert event["properties"]["assigned"]["arms"] == [
            arm for arm in written["arms"] if arm["layer"] == "kiosk-rows"
        ]
        assert event["properties"]["assigned"]["arms"]
        assert event["anonymousId"] == decision.visit_id
