"""What a device's message holds: events, and what is refused of it.

The device is the one in the topic, because the broker lets each publish under its own name only.
An event that claims another device, site or lane is refused; the others of the message are taken.

Every event's envelope is checked field by field, as ``schemas/event.json`` has it; a test holds
the two against each other. ``properties`` are not checked here: devices may be newer than central.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from edge.central.bridge.envelope import checked
from edge.central.bridge.sink import Arrived
from edge.core.errors import WireContractError
from edge.wire.batch import MAX_BATCH_BYTES
from edge.wire.canonical import is_deeper
from edge.wire.cloudevents import MAX_EVENT_BYTES
from edge.wire.compressed import inflate
from edge.wire.lanes import Lane
from edge.wire.topics import CentralTopics

MAX_MESSAGE_BYTES: Final = MAX_BATCH_BYTES + 1024
MAX_EVENTS: Final = 1_000
MAX_DEPTH: Final = 32

_LANES: Final = frozenset(Lane)
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as the broker gave it."""

    topic: str
    payload: bytes = field(repr=False)
    encoding: str = ""
    """What the payload is compressed with; empty: nothing."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something that cannot be taken, kept for whoever finds out why."""

    incoming: Incoming
    """The whole message, or the one event of it that is refused."""
    tenant: str
    device: str
    why: str
    at: datetime
    target: str = "bridge"
    """Which sink it is to be tried at again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message held."""

    events: tuple[Arrived, ...] = ()
    dead: tuple[DeadLetter, ...] = ()


def read(incoming: Incoming, topics: CentralTopics, now: datetime) -> Reading:
    """Return the events in ``incoming``, and a dead letter for each that is refused."""
    device = topics.device_of(incoming.topic)
    try:
        lane = _lane(incoming.topic, device)
        found = _events(incoming)
    except WireContractError as error:
        letter = DeadLetter(incoming, topics.tenant, device or "", str(error), now)
        return Reading(dead=(letter,))
    assert device is not None
    events, dead = [], []
    for one, raw in found:
        try:
            events.append(_arrived(one, raw, (topics.tenant, device, lane), now))
        except WireContractError as error:
            single = Incoming(incoming.topic, raw)
            dead.append(DeadLetter(single, topics.tenant, device, str(error), now))
    return Reading(tuple(events), tuple(dead))


def _lane(topic: str, device: str | None) -> str:
    match topic.split("/"):
        case [_, _, _, "d", _, "up", "ev", lane] if device and lane in _LANES:
            return lane
        case _:
            msg = f"wanted a device's topic of events in a lane, got {topic[:120]!r}"
            raise WireContractError(msg)


def _events(incoming: Incoming) -> list[tuple[Any, bytes]]:
    if len(incoming.payload) > MAX_MESSAGE_BYTES:
        msg = f"wanted at most {MAX_MESSAGE_BYTES} bytes, got {len(incoming.payload)}"
        raise WireContractError(msg)
    try:
        # orjson refuses NaN, infinities, halves of characters, and nesting beyond 1,024.
        found = orjson.loads(inflate(incoming.payload, incoming.encoding))
    except orjson.JSONDecodeError as error:
        msg = f"wanted JSON, got {error}"
        raise WireContractError(msg) from error
    events = found if isinstance(found, list) else [found]
    if not 0 < len(events) <= MAX_EVENTS:
        msg = f"wanted 1 to {MAX_EVENTS} events, got {len(events)}"
        raise WireContractError(msg)
    try:
        return [(one, orjson.dumps(one)) for one in events]
    except TypeError as error:  # it reads 1,024 levels and writes 254
        msg = f"wanted values nested at most {MAX_DEPTH} deep, got much deeper ones"
        raise WireContractError(msg) from error


def _arrived(one: object, raw: bytes, sender: tuple[str, str, str], now: datetime) -> Arrived:
    tenant, device, lane = sender
    _check_bounds(one, raw)
    event, site, claimed, at = checked(one)
    if claimed != device:
        msg = f"wanted an event of {device}, whose topic it came by, got one of {claimed}"
        raise WireContractError(msg)
    place = (event["epoch"], lane, event["seq"], event["id"])
    return Arrived(tenant, site, device, *place, at, event, raw, now)


def _check_bounds(one: object, raw: bytes) -> None:
    if len(raw) > MAX_EVENT_BYTES:
        msg = f"wanted at most {MAX_EVENT_BYTES} bytes for one event, got {len(raw)}"
        raise WireContractError(msg)
    # No database keeps NUL in its text. Looking for one character is far quicker than for five.
    if b"\\" in raw and b"u0000" in raw and _NUL.search(raw):
        msg = "wanted text without the character NUL, got one with it"
        raise WireContractError(msg)
    # Counting brackets is cheap and enough for nearly every event.
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and is_deeper(one, MAX_DEPTH):
        msg = f"wanted values nested at most {MAX_DEPTH} deep, got deeper ones"
        raise WireContractError(msg)
