"""An event's bytes are made once, and stamped without parsing when sent."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest

from edge.core.errors import WireContractError
from edge.wire.cloudevents import MAX_EVENT_BYTES, Origin, Track, event, rfc3339, stamp
from edge.wire.lanes import Lane

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = "019c0000-0000-7000-8000-000000000001"
ORIGIN = Origin("harbour", "kiosk-01", "0.1.0", lambda: "ntp")


def track(properties: dict[str, object], lane: Lane = Lane.ENGAGEMENT) -> Track:
    return Track(ID, "stock", "stock", "Stock Set", lane, NOON, "v1", properties)


def test_stamping_equals_parsing_and_adding() -> None:
    body = event(ORIGIN, track({"levels": [{"sku": 'a"}}', "available": 0}]})).body
    stamped = orjson.loads(stamp(body, epoch="ab" * 8, seq=7, sent_at=NOON))

    expected = orjson.loads(body)
    expected["data"]["sentAt"] = "2026-03-01T12:00:00.000Z"
    expected |= {"epoch": "ab" * 8, "seq": 7}
    assert stamped == expected


def test_the_same_facts_give_the_same_bytes() -> None:
    assert event(ORIGIN, track({"a": 1.5})).body == event(ORIGIN, track({"a": 1.5})).body


def test_the_segment_body_repeats_id_and_time_so_it_can_be_replayed_alone() -> None:
    made = orjson.loads(event(ORIGIN, track({})).body)

    assert made["data"]["messageId"] == made["id"] == ID
    assert made["data"]["originalTimestamp"] == made["time"]
    assert made["data"]["context"]["app"] == {"name": "instore-edge", "version": "0.1.0"}


def test_orders_never_expire_and_the_rest_outlives_thirty_days_offline() -> None:
    order = event(ORIGIN, track({}, Lane.TRANSACTION))
    tap = event(ORIGIN, track({}))

    assert order.expires_at - order.created_at > timedelta(days=3000)
    assert tap.expires_at - tap.created_at == timedelta(days=30)


def test_an_event_over_32_kib_is_refused_with_its_size() -> None:
    with pytest.raises(WireContractError, match=r"stock 019c.*wanted at most \d+ bytes, got 4\d+"):
        event(ORIGIN, track({"pad": "x" * 40_000}))
    largest = event(ORIGIN, track({"pad": "x" * 31_900})).body
    stamped = stamp(largest, epoch="f" * 16, seq=2**48, sent_at=NOON)
    assert len(stamped) <= MAX_EVENT_BYTES


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(WireContractError, match="wanted values that JSON has"):
        event(ORIGIN, track({"sku": {1, 2}}))


def test_moments_are_written_in_utc_to_the_millisecond() -> None:
    berlin = datetime(2026, 3, 1, 13, 0, 0, 999, tzinfo=timezone(timedelta(hours=1)))

    assert rfc3339(berlin) == "2026-03-01T12:00:00.000Z"
