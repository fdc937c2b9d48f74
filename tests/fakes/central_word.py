"""What central, or somebody in its place, may send about customers."""

from base64 import b64encode
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import orjson

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError
from edge.identity.day_keys import day_key, day_of, pseudonym_of
from edge.identity.sealing import seal
from edge.identity.simulated_phone import SimulatedPhone
from edge.wire.profile_message import PROFILE_INFO
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.customer import PREFIX, Bare

MALLORY = SimulatedPhone(b"M" * 32, 1, PREFIX)


def message(built: Bare, inner: dict[str, Any], info: bytes = PROFILE_INFO) -> bytes:
    """Return a message as anybody can write it who knows the device's public key."""
    sealed = seal(orjson.dumps(inner), built.store.keys.exchange_key, info)
    return orjson.dumps(
        {
            "version": 1,
            "message_id": "019c0000-0000-7000-8000-000000000001",
            "sent_at": LUNCH_AT,
            "sealed": b64encode(sealed).decode(),
        }
    )


def said(number: int, state: str = "given", **change: object) -> dict[str, Any]:
    one = {
        "event_id": f"019c0000-0000-7000-8000-0000000000{number:02}",
        "record_id": f"019c0000-0000-7000-8000-0000000001{number:02}",
        "purpose": "past_orders",
        "state": state,
        "at": LUNCH_AT - timedelta(hours=48),
    }
    return {**one, **change}


def customer(phone: SimulatedPhone, **change: object) -> dict[str, Any]:
    today = day_of(LUNCH_AT)
    keys = {str(d): day_key(phone.beacon_key, 1, d).hex() for d in range(today - 1, today + 8)}
    return {
        "pseudonym": pseudonym_of(phone.beacon_key).hex(),
        "day_keys": keys,
        "consents": [said(1)],
        **change,
    }


def full() -> "Future[None]":
    future: Future[None] = Future()
    future.set_exception(StorageUnavailableError("wanted to write, the disk is full"))
    return future


def code(phone: SimulatedPhone, clock: SettableClock) -> str:
    return phone.k1(clock(), system_chance)
