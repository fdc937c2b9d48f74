"""Topics keep every device to its own part of the tree."""

import pytest

from edge.core.errors import SettingsContractError
from edge.wire.lanes import Lane
from edge.wire.topics import Topics

TOPICS = Topics("demo", "harbour-kitchen", "kiosk-01")


def test_topics_are_those_of_the_fleets_contract() -> None:
    assert TOPICS.events(Lane.CONSENT) == "instore/v1/demo/d/kiosk-01/up/ev/c"
    assert TOPICS.events("m") == "instore/v1/demo/d/kiosk-01/up/ev/m"
    assert TOPICS.status == "instore/v1/demo/d/kiosk-01/up/status"
    assert TOPICS.contexts == (
        "instore/v1/demo/site/harbour-kitchen/down/context",
        "instore/v1/demo/d/kiosk-01/down/context",
    )
    assert TOPICS.source == "/sites/harbour-kitchen/devices/kiosk-01"


def test_an_unknown_lane_is_a_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="'x' is not a valid Lane"):
        TOPICS.events("x")


@pytest.mark.parametrize(
    "name", ["a/up", "+", "#", "ab", "Kiosk-01", "kiosk 1", "kiosk\n", "x" * 33, "", "k\u00efosk"]
)
@pytest.mark.parametrize("field", ["tenant", "site", "device"])
def test_a_name_that_could_widen_a_topic_is_refused(field: str, name: str) -> None:
    names = {"tenant": "demo", "site": "harbour", "device": "kiosk-01", field: name}
    with pytest.raises(SettingsContractError, match=f"{field}: wanted 3 to 32 of a-z"):
        Topics(**names)
