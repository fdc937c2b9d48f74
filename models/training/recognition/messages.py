"""Central's word about households, as a real central would send it: ``down/profile``.

The appliance knows no past but its own clock's, so each household is moved in time as a whole:
its basket to tell is today's, and what it bought so many days before lies as many days back.
"""

import uuid
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from edge.core.chance import Chance
from edge.identity.consent import Purpose
from edge.identity.day_keys import BEACON_KEY_BYTES, day_of
from edge.identity.sealing import seal
from edge.identity.simulated_phone import SimulatedPhone
from edge.wire.profile_message import PROFILE_INFO
from edge.wire.signed import MAX_BYTES
from models.training.recognition.fitted import past_orders
from models.training.recognition.households import Case

GROUP: Final = 1
PREFIX: Final = bytes.fromhex("6b629a41")
DAYS_AHEAD: Final = 7
PER_MESSAGE: Final = 12
"""Households in a message: their past orders take up to 10 kB each."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A household's case, and the phone that stands for it."""

    case: Case = field(repr=False)
    phone: SimulatedPhone = field(repr=False)


def enrolled(cases: Sequence[Case], chance: Chance) -> tuple[Enrolled, ...]:
    """Give each case a phone."""
    return tuple(
        Enrolled(case, SimulatedPhone(chance(BEACON_KEY_BYTES), GROUP, PREFIX)) for case in cases
    )


def messages(
    households: Sequence[Enrolled], device_key: bytes, now: datetime, chance: Chance
) -> Iterator[bytes]:
    """Yield the messages that bring ``households`` to the device with that public key."""
    for start in range(0, len(households), PER_MESSAGE):
        some = households[start : start + PER_MESSAGE]
        said = {"customers": [_customer(one, now, chance) for one in some]}
        sealed = seal(orjson.dumps(said), device_key, PROFILE_INFO)
        envelope = {
            "version": 1,
            "message_id": _id(chance),
            "sent_at": now,
            "sealed": b64encode(sealed).decode(),
        }
        payload = orjson.dumps(envelope)
        assert len(payload) <= MAX_BYTES
        yield payload


def _customer(one: Enrolled, now: datetime, chance: Chance) -> dict[str, Any]:
    today = day_of(now)
    moved = today - day_of(one.case.target.at)
    days = [now + timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD + 1)]
    return {
        "pseudonym": one.phone.pseudonym.hex(),
        "day_keys": {str(day_of(day)): one.phone.day_key(day).hex() for day in days},
        "purchases": [
            {"sku": bought.sku, "day": bought.day + moved, "count": bought.count}
            for bought in past_orders(one.case)
        ],
        "consents": [
            {
                "event_id": _id(chance),
                "record_id": _id(chance),
                "purpose": Purpose.PAST_ORDERS.value,
                "state": "given",
                "at": now - timedelta(days=1),
            }
        ],
    }


def _id(chance: Chance) -> str:
    return str(uuid.UUID(bytes=chance(16), version=4))
