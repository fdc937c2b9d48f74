"""A message about customers: sealed to one device, signed by central, above the one before.

See ADR 0023 and ``edge/wire/signed.py``: the device takes one that is above the last it took.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import orjson

from edge.central.postgres import Cursor
from edge.core.chance import Chance
from edge.core.ids import uuid7
from edge.identity.sealing import seal
from edge.wire.profile_message import ERASE_INFO, PROFILE_INFO
from edge.wire.signed import Stamp, signed_text

Kind = Literal["profile", "erase"]
Sign = Callable[[bytes], bytes]
"""Central's Ed25519 signature with the key for customers; 64 bytes."""

_INFO: Final = {"profile": PROFILE_INFO, "erase": ERASE_INFO}
_STEP: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Writing:
    """What messages are written with."""

    sign: Sign = field(repr=False)
    chance: Chance


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said to a device."""

    device: str
    kind: Kind
    content: dict[str, Any] = field(repr=False)
    at: datetime


def write(cur: Cursor, writing: Writing, letter: Letter) -> None:
    """Keep a message for a device, to be published after the commit.

    The caller is ``alone``, so that the stamps of a device's messages grow with their numbers,
    whatever the clock does.
    """
    row = cur.execute(
        "SELECT exchange_key, last_sent_at FROM customer_place WHERE device = %s", (letter.device,)
    ).fetchone()
    if row is None:
        return  # it takes no messages
    device_key, sent_at = bytes(row[0]), max(letter.at, row[1].astimezone(UTC) + _STEP)
    stamp = Stamp(sent_at, uuid7(sent_at, writing.chance))
    payload = envelope(writing, letter, device_key, stamp)
    cur.execute(
        "UPDATE customer_place SET last_sent_at = %s WHERE device = %s", (sent_at, letter.device)
    )
    cur.execute(
        "INSERT INTO customer_message(device, kind, stamp, payload, made_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (letter.device, letter.kind, stamp.to_text(), payload, letter.at),
    )


def envelope(writing: Writing, letter: Letter, device_key: bytes, stamp: Stamp) -> bytes:
    """Return the message as it is published."""
    info = _INFO[letter.kind]
    sealed = b64encode(seal(orjson.dumps(letter.content), device_key, info)).decode()
    sent_at = stamp.sent_at.isoformat()
    text = signed_text(info, device_key, stamp.message_id, sent_at, sealed)
    return orjson.dumps(
        {
            "version": 1,
            "message_id": stamp.message_id,
            "sent_at": sent_at,
            "sealed": sealed,
            "signature": writing.sign(text).hex(),
        }
    )
