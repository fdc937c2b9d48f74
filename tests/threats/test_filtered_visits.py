"""Nothing that is kept or sent says of anybody that they filter allergens (ADR 0015)."""

from pathlib import Path
from typing import Any

import orjson

from edge.app.wiring import Appliance
from edge.catalog.allergens import Allergen
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement
from edge.decide.values import Asked, Bought, Slate
from tests.fakes.appliance import LUNCH_AT, appliance, client
from tests.fakes.regular import regular

VISIT = "0c4b6f0e-7a53-4f7c-9a35-5a4b1f6d9e21"
MILK = frozenset({Allergen.MILK})
KNOWN = regular(Bought("latte", 2.0, 3), starred=("croissant",))


def served(built: Appliance, *, filters: bool, row: str = "kiosk-strip") -> Slate:
    """Serve a recognised visit, with or without a filter."""
    avoid = MILK if filters else frozenset()
    return built.services.serve(Asked(row, "kiosk-1", VISIT, avoid=avoid, recognised=KNOWN))


def engaged(built: Appliance, slate: Slate) -> None:
    """Tell the service that the slate was seen, as by the real visit."""
    event_id = uuid7(LUNCH_AT, built.services.chance)
    seen = Engagement(event_id, "exposure", slate.decision_id, None, "kiosk-1", VISIT, LUNCH_AT)
    built.services.engage([seen]).result(5)


def events(built: Appliance) -> list[dict[str, Any]]:
    """Return the events that wait to leave the device."""
    return [orjson.loads(one.body)["data"] for one in built.store.reads.waiting("e", 100)]


def test_a_filtered_decision_has_lost_its_visit_in_record_event_and_engagements(
    tmp_path: Path,
) -> None:
    with appliance(tmp_path / "data") as built:
        slate = served(built, filters=True)
        engaged(built, slate)
        record = built.store.reads.decision(slate.decision_id)
        (engagement,) = built.store.reads.engagements(slate.decision_id)
        decided, seen = events(built)

    assert record is not None
    assert slate.is_unlinked
    assert VISIT not in (record.visit_id, engagement.visit_id)
    assert VISIT.encode() not in record.body
    assert decided["anonymousId"] == seen["anonymousId"] == record.visit_id
    assert record.basis == ()


def test_the_stand_in_looks_like_any_visit_and_is_another_for_every_decision(
    tmp_path: Path,
) -> None:
    with appliance(tmp_path / "data") as built:
        slates = [served(built, filters=True) for _ in range(4)]
        kept = [built.store.reads.decision(slate.decision_id) for slate in slates]

    ids = {one.visit_id for one in kept if one and one.visit_id}
    assert len(ids) == 4
    assert {(len(one), one[14]) for one in ids} == {(len(VISIT), "4")}


def test_without_a_filter_a_decision_keeps_its_visit_and_its_engagements_do(
    tmp_path: Path,
) -> None:
    with appliance(tmp_path / "data") as built:
        slate = served(built, filters=False)
        engaged(built, slate)
        record = built.store.reads.decision(slate.decision_id)
        (engagement,) = built.store.reads.engagements(slate.decision_id)

    assert record is not None
    assert not slate.is_unlinked
    assert record.visit_id == engagement.visit_id == VISIT


def test_a_till_that_filters_cannot_join_the_two_again(tmp_path: Path) -> None:
    with appliance(tmp_path / "data") as built:
        browser = client(built)
        asked = {"placement": "kiosk-strip", "screen": "kiosk-1", "visit": VISIT, "avoid": ["milk"]}
        decision_id = browser.post("/api/v1/decide", json=asked).get_json()["decision_id"]
        event = {
            "event_id": uuid7(LUNCH_AT, built.services.chance),
            "kind": "tap",
            "decision_id": decision_id,
            "slot": 0,
            "screen": "kiosk-1",
            "visit": VISIT,
        }
        assert browser.post("/api/v1/events", json={"events": [event]}).status_code == 200
        (engagement,) = built.store.reads.engagements(decision_id)
        sent = events(built)

    assert engagement.visit_id != VISIT
    assert VISIT not in [one["anonymousId"] for one in sent]


def test_a_filtered_record_has_the_form_of_any_record_of_somebody_recognised(
    tmp_path: Path,
) -> None:
    with appliance(tmp_path / "data") as built:
        slates = [served(built, filters=filters) for filters in (True, False)]
        kept = [built.store.reads.decision(slate.decision_id) for slate in slates]

    filtered, usual = (orjson.loads(one.body) for one in kept if one)
    assert filtered.keys() == usual.keys()
    assert filtered["suppressed"] == usual["suppressed"]
    assert filtered["part_names"] == usual["part_names"]
    for one, facts in zip(kept, (filtered, usual), strict=True):
        assert one is not None
        width = 4 * (2 + len(facts["part_names"]))
        assert len(one.candidates) // width == len(facts["slate"]["shown"])
