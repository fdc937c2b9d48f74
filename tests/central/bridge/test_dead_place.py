"""A dead letter's place is read from what little of it can be read, and only for its own sender."""

import orjson
import pytest

from edge.central.bridge.acks import Place
from edge.central.bridge.dead_place import place_of
from edge.central.bridge.reading import Incoming, read
from edge.wire.topics import CentralTopics
from tests.fakes.device_events import NOON, TENANT, Sender

SENDER = Sender()
TOPICS = CentralTopics(TENANT)


def places(incoming: Incoming) -> list[Place | None]:
    return [place_of(letter) for letter in read(incoming, TOPICS, NOON).dead]


def changed(**changes: object) -> Incoming:
    return Incoming(SENDER.topic, orjson.dumps(orjson.loads(SENDER.body(7)) | changes))


@pytest.mark.parametrize("changes", [{"type": "of the future"}, {"data": None}, {"id": 1}])
def test_a_refused_event_has_the_place_that_it_claims(changes: dict[str, object]) -> None:
    assert places(changed(**changes)) == [Place("kiosk-01", SENDER.epoch, "e", 7)]


def test_an_event_of_another_device_has_a_place_at_whoever_sent_it() -> None:
    other = SENDER.but(device="kiosk-02")
    incoming = Incoming(SENDER.topic, other.body(7))

    assert places(incoming) == [Place("kiosk-01", SENDER.epoch, "e", 7)]


@pytest.mark.parametrize(
    "changes", [{"seq": 0}, {"seq": True}, {"seq": "7"}, {"seq": 2**53}, {"epoch": "x"}]
)
def test_without_a_number_or_an_epoch_there_is_no_place(changes: dict[str, object]) -> None:
    assert places(changed(**changes)) == [None]


@pytest.mark.parametrize(
    "incoming",
    [
        Incoming(SENDER.topic, b"?"),
        Incoming(SENDER.topic, b"[]"),
        Incoming(SENDER.topic, b"?", "gzip"),
        Incoming("x", SENDER.body(7)),
        Incoming(SENDER.topic[:-1] + "x", SENDER.body(7)),
    ],
)
def test_a_message_that_cannot_be_read_has_no_place(incoming: Incoming) -> None:
    assert places(incoming) == [None]
