"""A message becomes events of the device whose topic it came by, or dead letters."""

import gzip

import orjson
import pytest

from edge.central.bridge.reading import MAX_MESSAGE_BYTES, Incoming, Reading, read
from edge.wire.compressed import GZIP
from edge.wire.lanes import Lane
from edge.wire.topics import CentralTopics
from tests.fakes.device_events import NOON, TENANT, Sender

SENDER = Sender()
TOPICS = CentralTopics(TENANT)


def reading(payload: bytes, topic: str = SENDER.topic, encoding: str = "") -> Reading:
    return read(Incoming(topic, payload, encoding), TOPICS, NOON)


def why(found: Reading) -> str:
    assert not found.events
    (letter,) = found.dead
    return letter.why


def test_one_event_or_a_batch_is_read_as_it_was_sent() -> None:
    (one,) = reading(SENDER.body(7)).events
    batch = read(SENDER.message([1, 2, 3]), TOPICS, NOON).events

    assert (one.tenant, one.site, one.device, one.lane, one.seq) == (
        *("demo", "harbour", "kiosk-01"),
        *("e", 7),
    )
    assert orjson.loads(one.raw) == orjson.loads(SENDER.body(7)) == one.event
    assert one.name == "Offer Tapped"
    assert one.received_at == NOON
    assert [event.seq for event in batch] == [1, 2, 3]


def test_a_compressed_message_is_opened_and_a_bomb_is_not() -> None:
    message = SENDER.message([1, 2])
    assert len(reading(gzip.compress(message.payload), encoding=GZIP).events) == 2
    bomb = gzip.compress(b" " * 50_000_000)
    assert "gzip" in why(reading(bomb, encoding=GZIP))
    assert "gzip" in why(reading(message.payload, encoding="zstd"))


@pytest.mark.parametrize(
    "topic",
    [
        "instore/v1/demo/d/kiosk-02/up/ev/e",
        "instore/v1/demo/d/kiosk-01/up/ev/x",
        "instore/v1/demo/d/kiosk-01/up/ev/e/more",
        "instore/v1/demo/d/kiosk-01/up/status",
        "instore/v1/other/d/kiosk-01/up/ev/e",
        "instore/v1/demo/d/KIOSK/up/ev/e",
        "",
    ],
)
def test_an_event_of_another_device_or_topic_is_a_dead_letter(topic: str) -> None:
    assert why(reading(SENDER.body(1), topic))


def test_who_claims_to_be_another_device_spoils_only_their_own_event() -> None:
    other = SENDER.but(device="kiosk-02")
    payload = b"[" + b",".join([SENDER.body(1), other.body(2), SENDER.body(3)]) + b"]"

    found = reading(payload)

    assert [event.seq for event in found.events] == [1, 3]
    (letter,) = found.dead
    assert "kiosk-02" in letter.why
    assert letter.device == "kiosk-01"
    assert orjson.loads(letter.incoming.payload) == orjson.loads(other.body(2))


def test_who_claims_another_site_in_the_body_alone_is_refused() -> None:
    forged = SENDER.body(1).replace(b'"site":{"id":"harbour"}', b'"site":{"id":"station"}')
    assert "data.context.site.id" in why(reading(forged))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 2000 + b"]" * 2000,
        SENDER.body(1).replace(b'"n":1', b'"n":NaN'),
        SENDER.body(1).replace(b'"n":1', b'"n":1e999'),
        SENDER.body(1).replace(b'"n":1', b'"n":"\\ud800"'),
        SENDER.body(1).replace(b'"n":1', b'"n":"\\u0000"'),
        SENDER.body(1).replace(b'"n":1', b'"n":' + b"[" * 40 + b"]" * 40),
        SENDER.body(1).replace(b'"n":1', b'"n":"' + b"x" * 40_000 + b'"'),
        b"[" + b",".join([b"1"] * 1001) + b"]",
        b" " * (MAX_MESSAGE_BYTES + 1),
    ],
    ids=range(14),
)
def test_what_is_too_large_too_deep_or_not_json_is_a_dead_letter(payload: bytes) -> None:
    assert why(reading(payload))


def test_a_backslash_before_u0000_is_only_a_text() -> None:
    written = SENDER.body(1).replace(b'"n":1', b'"n":"\\\\u0000"')
    assert len(reading(written).events) == 1


def test_many_brackets_side_by_side_are_not_deep() -> None:
    wide = SENDER.body(1).replace(b'"n":1', b'"n":[' + b"{}," * 200 + b"[]]")
    assert len(reading(wide).events) == 1


def test_the_lane_is_that_of_the_topic() -> None:
    order = SENDER.but(lane=Lane.TRANSACTION)
    (one,) = read(order.message([1]), TOPICS, NOON).events
    assert one.lane == "t"
