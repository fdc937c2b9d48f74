"""Topics keep every device to its own part of the tree."""

import pytest

from edge.core.errors import SettingsContractError
from edge.wire.lanes import Lane
from edge.wire.topics import CentralTopics, Topics

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


def test_central_knows_a_device_by_the_topic_the_broker_let_it_write() -> None:
    central = CentralTopics("harbour")
    mine = Topics("harbour", "harbour-kitchen", "kiosk-1")
    assert central.device_of(mine.events("t")) == "kiosk-1"
    assert central.device_of(mine.release) == "kiosk-1"
    assert central.device_of(mine.commands) is None
    assert central.device_of(mine.events("t").replace("harbour/", "other/", 1)) is None
    assert central.device_of("instore/v1/harbour/d/A+/up/status") is None


def test_both_sides_mean_the_same_topics() -> None:
    central = CentralTopics("harbour")
    mine = Topics("harbour", "harbour-kitchen", "kiosk-1")
    assert central.to("kiosk-1", "cmd") == mine.commands
    assert central.to("kiosk-1", "config") == mine.config
    assert central.to("kiosk-1", "profile") == mine.profile
    assert central.to("kiosk-1", "acked") == mine.acked
    assert central.doorbell("stable") == mine.doorbell("stable")


@pytest.mark.parametrize("name", ["a/b", "#", "+", "A", "ab", "x" * 33])
def test_central_writes_to_no_name_that_would_widen_a_topic(name: str) -> None:
    with pytest.raises(SettingsContractError, match="wanted 3 to 32"):
        CentralTopics("harbour").to(name, "cmd")


def test_the_devices_of_a_shop_tell_each_other_under_their_own_names() -> None:
    mine = Topics("harbour", "harbour-kitchen", "kiosk-1")
    assert mine.lan("stock") == "instore/v1/harbour/site/harbour-kitchen/lan/stock/kiosk-1"
    assert mine.lan_of_all("stock") == "instore/v1/harbour/site/harbour-kitchen/lan/stock/+"
