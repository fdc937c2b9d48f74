"""The AsyncAPI document says what the code does."""

import json
import re
from importlib.resources import files
from typing import Any

from edge.wire.batch import BATCH_TYPE, SINGLE_TYPE
from edge.wire.lan import COUNTS, NEAR, STOCK, USED
from edge.wire.lanes import Lane
from edge.wire.schema_files import DOWN, EVENT_SCHEMAS, UP
from edge.wire.topics import Topics

DOCUMENT: dict[str, Any] = json.loads(
    files("edge.wire").joinpath("asyncapi.json").read_text(encoding="utf-8")
)
NAMES = {
    "tenant": "demo",
    "site": "harbour",
    "device": "kiosk-01",
    "lane": "e",
    "command_id": "7",
    "ring": "stable",
}
TOPICS = Topics("demo", "harbour", "kiosk-01")


def references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for inner in node.values() for found in references(inner)]
    return []


def test_its_addresses_are_the_topics() -> None:
    addresses = {
        name: channel["address"].format(**NAMES) for name, channel in DOCUMENT["channels"].items()
    }

    assert addresses == {
        "events": TOPICS.events("e"),
        "status": TOPICS.status,
        "siteContext": TOPICS.contexts[0],
        "deviceContext": TOPICS.contexts[1],
        "deviceProfile": TOPICS.profile,
        "deviceErase": TOPICS.erase,
        "deviceCommand": TOPICS.commands,
        "commandResult": TOPICS.result("7"),
        "deviceAcked": TOPICS.acked,
        "siteConfig": TOPICS.configs[0],
        "deviceConfig": TOPICS.configs[1],
        "ringRelease": TOPICS.doorbell("stable"),
        "releaseStates": TOPICS.release,
        "lanStock": TOPICS.lan(STOCK),
        "lanCounts": TOPICS.lan(COUNTS),
        "lanUsed": TOPICS.lan(USED),
        "lanNear": TOPICS.lan(NEAR),
    }
    for channel in DOCUMENT["channels"].values():
        assert set(channel["parameters"]) == set(re.findall(r"{(\w+)}", channel["address"]))


def test_its_lanes_and_content_types_are_ours() -> None:
    assert DOCUMENT["components"]["parameters"]["lane"]["enum"] == [lane.value for lane in Lane]
    messages = DOCUMENT["components"]["messages"]
    assert messages["event"]["contentType"] == SINGLE_TYPE
    assert messages["eventBatch"]["contentType"] == BATCH_TYPE


def test_whatever_it_refers_to_exists() -> None:
    for reference in references(DOCUMENT):
        if reference.startswith("#/"):
            node: Any = DOCUMENT
            for step in reference[2:].split("/"):
                node = node[step]
        else:
            assert reference.removeprefix("schemas/").removesuffix(".json") in {*UP, *DOWN}


def test_every_schema_of_a_message_is_in_it() -> None:
    named = {one.removeprefix("schemas/").removesuffix(".json") for one in references(DOCUMENT)}
    # An event's properties are named by its dataschema; a rollout is a file of the repository.
    assert {*UP, *DOWN} - named == {*EVENT_SCHEMAS, "rollout"}
