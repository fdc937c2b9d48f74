"""One event as bytes: a CloudEvents 1.0 envelope around a Segment-spec body.

The bytes are made once, when the event happens, and stored as they are. Only what the outbox and
the sending know is written into them later: ``stamp`` adds epoch, seq and ``sentAt`` without
parsing, because ``data`` is always the last member.

Source: https://github.com/cloudevents/spec v1.0.2, JSON format; fleet.md 3 of the design.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import orjson

from edge.core.errors import WireContractError
from edge.wire.lanes import Lane, worth_for

MAX_EVENT_BYTES: Final = 32 * 1024
_TYPE: Final = "instore.track.v1"
_STAMP_BYTES: Final = 128

ClockState = Literal["ntp", "rtc", "none"]
"""How far the event's time can be trusted."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event that is to leave the device; fits ``edge.store.outbox.Outgoing``."""

    event_id: str
    lane: str
    kind: str
    created_at: datetime
    expires_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """Where events come from."""

    site: str
    device: str
    version: str  # of the appliance
    clock_state: Callable[[], ClockState]


@dataclass(frozen=True, slots=True)
class Track:
    """What happened, before it is an event. ``anonymous_id`` never outlives a visit."""

    event_id: str  # UUIDv7
    schema: str  # of ``properties``: schemas/<schema>.json
    kind: str  # what the outbox weighs it by: decision, play, order …
    title: str  # Segment's event name: "Order Placed"
    lane: Lane
    at: datetime
    anonymous_id: str
    properties: Mapping[str, object]


def event(origin: Origin, track: Track) -> Event:
    """Return ``track`` as an event.

    Raises:
        WireContractError: It is larger than 32 KiB, or holds what JSON cannot.
    """
    time = rfc3339(track.at)
    envelope = {
        "specversion": "1.0",
        "id": track.event_id,
        "source": f"/sites/{origin.site}/devices/{origin.device}",
        "type": _TYPE,
        "time": time,
        "datacontenttype": "application/json",
        "dataschema": schema_urn(track.schema),
        "clock": origin.clock_state(),
        "data": {
            "type": "track",
            "event": track.title,
            "messageId": track.event_id,
            "anonymousId": track.anonymous_id,
            "context": {
                "app": {"name": "instore-edge", "version": origin.version},
                "device": {"id": origin.device},
                "site": {"id": origin.site},
            },
            "timestamp": time,
            "originalTimestamp": time,
            "properties": track.properties,
        },
    }
    return Event(
        event_id=track.event_id,
        lane=track.lane.value,
        kind=track.kind,
        created_at=track.at,
        expires_at=track.at + worth_for(track.lane),
        body=_bytes(envelope, track),
    )


def stamp(body: bytes, *, epoch: str, seq: int, sent_at: datetime) -> bytes:
    """Return the event ``body`` with what is known only when it is sent."""
    tail = f',"sentAt":"{rfc3339(sent_at)}"}},"epoch":"{epoch}","seq":{seq}}}'
    return body[:-2] + tail.encode()


def schema_urn(schema: str) -> str:
    """Return the name under which ``schemas/<schema>.json`` is known."""
    return f"urn:instore:schema:{schema}:1"


def rfc3339(at: datetime) -> str:
    """Return ``at`` in UTC to the millisecond: 2026-03-01T12:00:00.000Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bytes(envelope: Mapping[str, object], track: Track) -> bytes:
    try:
        body = orjson.dumps(envelope)
    except orjson.JSONEncodeError as error:
        msg = f"{track.kind} {track.event_id}: wanted values that JSON has, got {error}"
        raise WireContractError(msg) from error
    if len(body) > MAX_EVENT_BYTES - _STAMP_BYTES:
        msg = (
            f"{track.kind} {track.event_id}: wanted at most {MAX_EVENT_BYTES - _STAMP_BYTES} bytes, "
            f"got {len(body)}"
        )
        raise WireContractError(msg)
    return body
