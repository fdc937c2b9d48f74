"""A shop without its head office for a day, and what arrives when the line is back."""

import uuid
from pathlib import Path

import jsonschema
import pytest

from edge.app.wiring import Appliance
from edge.wire.schema_files import schema
from tests.fakes.appliance import appliance, client
from tests.fakes.broker import free_port, listening, running_broker, wait_until

pytestmark = pytest.mark.broker


def shop_for_a_while(built: Appliance, orders: int) -> set[str]:
    """Let shoppers come and go; return the ids of all that was acknowledged to them."""
    browser = client(built)
    kept: set[str] = set()
    for number in range(orders):
        asked = {"placement": "kiosk-strip", "basket": ["latte"], "avoid": ["nuts", "soya"]}
        decision = browser.post("/api/v1/decide", json=asked).get_json()
        kept.add(decision["decision_id"])
        event = {
            "event_id": str(uuid.uuid4()),
            "kind": "exposure",
            "decision_id": decision["decision_id"],
        }
        seen = browser.post("/api/v1/events", json={"events": [event]}).get_json()
        lines = [{"sku": "latte", "options": {"size": ["regular"]}, "qty": 1 + number % 3}]
        order = {"order_id": str(uuid.uuid4()), "lines": lines, "service": "take_away"}
        taken = browser.post("/api/v1/orders", json=order).get_json()
        kept |= set(seen["event_ids"]) | set(taken["event_ids"])
    return kept


def test_a_day_without_the_broker_loses_nothing_and_sends_only_what_the_schemas_allow(
    tmp_path: Path,
) -> None:
    (tmp_path / "broker").mkdir()
    with running_broker(tmp_path / "broker") as broker, listening(broker) as central:
        away = free_port()
        with appliance(tmp_path / "data", broker_port=away) as built:
            built.start()
            kept = shop_for_a_while(built, 25)
            assert not central.events()

        with appliance(tmp_path / "data", broker_port=broker.port) as built:
            built.start()
            kept |= shop_for_a_while(built, 5)
            wait_until(lambda: kept <= set(central.ids()), "everything has arrived", 30)
        events = central.events()
        said = b"".join(payload for _, _, _, payload in central.messages())

    for event in events:
        jsonschema.validate(event, schema("event"))
        kind = event["dataschema"].split(":")[-2]
        jsonschema.validate(event["data"]["properties"], schema(kind))
    numbers = [
        (e["epoch"], e["seq"]) for e in events if "urn:instore:schema:order:1" in e["dataschema"]
    ]
    assert numbers == sorted(numbers)
    assert not [word for word in (b"nuts", b"soya", b"avoid", b"allergen") if word in said]
