"""Every event keeps its schema, and none says what a shopper told us about allergens."""

from collections.abc import Mapping
from dataclasses import fields as of_class
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from jsonschema import Draft202012Validator, FormatChecker

from edge.central.bridge.reading import Incoming, read
from edge.context.moment import Context, Weather
from edge.core.clock import SettableClock
from edge.decide.engagement import ENGAGEMENT_KINDS, Engagement
from edge.decide.values import Reason, Shown, Slate
from edge.identity.consent import VALID_FOR, ConsentEvent, Notice, Purpose
from edge.identity.informed import Informed
from edge.identity.profile import Profile, Purchase
from edge.store.eviction import Dropped, DroppedRun
from edge.store.place import LANES
from edge.wire.cloudevents import Event, Origin, stamp
from edge.wire.customer_events import CustomerEvents
from edge.wire.events import DecisionFacts, Events, OrderFacts, OrderLineFacts
from edge.wire.lanes import Lane
from edge.wire.release_event import phase_changed
from edge.wire.releases import Phase, ReleaseState, Serving
from edge.wire.schema_files import DOWN, EVENT_SCHEMAS, UP, data_map, fields, schema
from edge.wire.topics import CentralTopics, Topics

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = "019c0000-0000-7000-8000-000000000001"
EVENTS = Events(
    Origin("harbour", "kiosk-01", "0.1.0", lambda: "rtc"),
    SettableClock(NOON),
    lambda n: b"\x07" * n,
)

SLATE = Slate(
    decision_id=ID,
    placement_id="strip",
    shown=(
        Shown(0, "product:tea", "tea", 0.5, {"moment": 0.5}, Reason.TIME_OF_DAY, 1.0),
        Shown(1, "offer-1", "jam", 0.1, {}, Reason.SOMETHING_DIFFERENT, 0.05, is_explored=True),
    ),
    ranker="onnx",
    suppressed={"allergen": 3},
)


def a_decision(weather: Weather | None = None) -> Event:
    context = Context(
        at=NOON,
        local_at=NOON,
        daypart_id="lunch",
        is_open=True,
        weather=weather,
        kitchen_load=None,
        trend={"tea": 10},
    )
    return EVENTS.decision(
        DecisionFacts(SLATE, "kiosk", "kiosk-1", "v1", ["cake"], context, "ab" * 32, "cafe 1.0.0")
    )


def an_order() -> Event:
    return EVENTS.order(
        OrderFacts(
            order_id=ID,
            lines=[OrderLineFacts("tea", {"milk": ("oat",)}, 2, 350)],
            total_minor=700,
            currency="GBP",
            display_no=41,
            service="take_away",
            taken_at=NOON,
            screen_id="kiosk-1",
            visit_id="v1",
        )
    )


CUSTOMERS = CustomerEvents(
    Origin("harbour", "kiosk-01", "0.1.0", lambda: "rtc"),
    SettableClock(NOON),
    lambda n: b"\x07" * n,
    X25519PrivateKey.from_private_bytes(b"\x05" * 32).public_key().public_bytes_raw(),
)
GIVEN = ConsentEvent(
    event_id=ID,
    record_id=ID,
    purpose=Purpose.TASTES,
    state="given",
    at=NOON,
    method="app_toggle",
    notice=Notice("recognition", "1", b"\x01" * 32, b"\x02" * 32, "en"),
    valid_until=NOON + VALID_FOR,
)

PROOFS = {"consent": 396 + 1095, "erasure": 396 + 1095, "audit_head": 730}
"""The only messages kept beyond 13 months: proofs, and they name nobody (decided.md 36)."""

EXAMPLES: dict[str, Event] = {
    "consent": CUSTOMERS.consent(b"\x09" * 8, [GIVEN]),
    "withdrawal": CUSTOMERS.consent(
        b"\x09" * 8, [replace(GIVEN, state="withdrawn", valid_until=None)]
    ),
    "enrolment": CUSTOMERS.enrolment(b"{}"),
    "taste": CUSTOMERS.tastes(
        b"\x09" * 8, Informed(Profile(purchases=(Purchase("latte", 20_513, 1),)))
    )[0],
    "erasure": CUSTOMERS.erasure(ID, b"\x09" * 8, "customer"),
    "audit_head": CUSTOMERS.audit_head(3, b"\x0a" * 32),
    "decision": a_decision(),
    "decision in the rain": a_decision(Weather(7.5, is_wet=True)),
    "order": an_order(),
    "stock": EVENTS.stock({"tea": 0, "jam": None}),
    "health": EVENTS.health({"outbox_waiting": 3.0}, ["ranker"]),
    "outbox_dropped": EVENTS.outbox_dropped(
        Dropped(NOON, "outbox full", (DroppedRun("e", 4, 400, 1, 9),))
    ),
    "release": phase_changed(
        Origin("harbour", "kiosk-01", "0.1.0", lambda: "rtc"),
        ReleaseState(
            site="harbour",
            device="kiosk-01",
            name="ranker",
            seq=4,
            at=NOON,
            serving=Serving(name="ranker", digest="factory"),
            release_id="r-7",
            target="models/ranker/1.2.0/ranker-1.2.0.tar",
            phase=Phase.ROLLED_BACK,
            reason="crash",
            detail="the service ended 3 times while it was tried",
            figures={"visits_new": 4.0},
            document_version=3,
        ),
        lambda n: b"\x07" * n,
    ),
    **{
        kind: EVENTS.engagement(Engagement(ID, kind, ID, 1, "kiosk-1", None, NOON, 1200))
        for kind in ENGAGEMENT_KINDS
    },
    "exposure of an arm": EVENTS.engagement(
        Engagement(ID, "exposure", ID, None, "kiosk-1", None, NOON),
        {
            "holdout": "",
            "arms": [
                {
                    "layer": "strip",
                    "experiment": "words",
                    "arm": "control",
                    "unit": "visit",
                    "is_washout": False,
                }
            ],
        },
    ),
}


def sent(made: Event) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(stamp(made.body, epoch="0" * 16, seq=1, sent_at=NOON))
    return found


def complaints(name: str, value: object) -> list[str]:
    validator = Draft202012Validator(dict(schema(name)), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_event_as_sent_keeps_the_envelopes_schema_and_its_own(name: str) -> None:
    message = sent(EXAMPLES[name])
    own = message["dataschema"].split(":")[3]

    assert own in EVENT_SCHEMAS
    assert complaints("event", message) == []
    assert complaints(own, message["data"]["properties"]) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_public_cloudevents_sdk_takes_an_event_and_gives_back_the_same(name: str) -> None:
    message = sent(EXAMPLES[name])

    # Its constructor validates every attribute and extension, and raises.
    taken = JSONFormat().read(CloudEvent, orjson.dumps(message))

    assert taken.get_attributes()["epoch"] == message["epoch"]
    assert taken.get_data() == message["data"]
    assert orjson.loads(JSONFormat().write(taken))["data"] == message["data"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_central_reads_an_event_as_the_device_sent_it(name: str) -> None:
    made = EXAMPLES[name]
    body = stamp(made.body, epoch="0" * 16, seq=1, sent_at=NOON)
    topic = Topics("demo", "harbour", "kiosk-01").events(made.lane)

    reading = read(Incoming(topic, body), CentralTopics("demo"), NOON)

    assert not reading.dead
    (arrived,) = reading.events
    assert arrived.event == orjson.loads(arrived.raw) == orjson.loads(body)
    assert (arrived.event_id, arrived.lane) == (made.event_id, made.lane)


def test_every_schema_of_an_event_has_an_example() -> None:
    shown = {sent(made)["dataschema"].split(":")[3] for made in EXAMPLES.values()}

    assert shown == set(EVENT_SCHEMAS)


@pytest.mark.parametrize("name", [*UP, *DOWN])
def test_a_schema_is_a_schema_and_allows_no_unknown_field(name: str) -> None:
    Draft202012Validator.check_schema(dict(schema(name)))
    assert open_ends(schema(name)) == []


def open_ends(of: Mapping[str, Any], path: str = "") -> list[str]:
    """Return the objects that allow fields nobody declared; ``properties`` has its own schema."""
    found = [path] if of.get("type") == "object" and "additionalProperties" not in of else []
    for name, inner in of.get("properties", {}).items():
        found += open_ends(inner, f"{path}.{name}")
    if "items" in of:
        found += open_ends(of["items"], f"{path}[]")
    return [one for one in found if one != ".data.properties"]


@pytest.mark.parametrize("name", UP)
def test_the_data_map_lists_exactly_the_fields_that_may_leave(name: str) -> None:
    listed = data_map()[name]

    assert sorted(listed["fields"]) == sorted(fields(schema(name)))
    assert listed["purpose"]
    assert 0 < listed["retention_days"] <= PROOFS.get(name, 396)
    for field, row in listed["fields"].items():
        assert set(row) == {"personal", "purpose"}, field
        assert row["personal"].startswith(("no", "yes:")), field
        assert row["purpose"], field


def test_the_data_map_lists_no_message_that_does_not_exist() -> None:
    assert set(data_map()) == set(UP)


def test_allergens_and_what_they_left_out_are_in_no_event() -> None:
    taken = {
        f.name for facts in (DecisionFacts, OrderFacts, OrderLineFacts) for f in of_class(facts)
    }
    assert not taken & {"avoid", "allergens", "suppressed", "fewer", "answers"}
    for name in UP:
        assert "allergen" not in str(fields(schema(name)))
    for made in EXAMPLES.values():
        assert b"allergen" not in made.body
        assert b"suppressed" not in made.body


def test_an_events_lane_is_that_of_what_it_reports() -> None:
    lanes = {name: EXAMPLES[name].lane for name in ("decision", "tap", "play", "order", "health")}

    assert lanes == {"decision": "e", "tap": "e", "play": "e", "order": "t", "health": "m"}


def test_the_store_and_the_wire_mean_the_same_lanes() -> None:
    assert "".join(Lane) == LANES


def test_a_decisions_event_has_the_decisions_id_and_an_orders_the_orders() -> None:
    assert a_decision().event_id == ID
    assert an_order().event_id == ID


def test_without_a_visit_the_screen_stands_for_it() -> None:
    play = EXAMPLES["play"]

    assert sent(play)["data"]["anonymousId"] == "kiosk-1"
    assert sent(EXAMPLES["health"])["data"]["anonymousId"] == "kiosk-01"
