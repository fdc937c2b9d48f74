"""What a phone sends over Bluetooth: 16 bytes, the same for iOS and Android (KB1).

    byte 0-3  prefix of the retailer        byte 6-13  rolling id
    byte 4    version 2 bits | interval mod 8, 3 bits | kiosk-bound 1 bit | scope 2 bits
    byte 5    measured power at 1 m, dBm    byte 14-15 check value over bytes 4 to 13

Carriers: (a) one 128-bit service UUID, all that iOS lets an app advertise; (b) service data
under any UUID with the whole frame, or under ``service_uuid`` with the 12 bytes after the
prefix, which is what fits beside Android's other fields.

Source: identity.md, "KB1 protocol".
"""

import hmac
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge.identity.day_keys import rolling_id

FRAME_BYTES: Final = 16
PREFIX_BYTES: Final = 4
_VERSION: Final = 1
_POWER_GRID: Final = (4, -59)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart. Nothing in it is checked yet but prefix and version."""

    scope: int  # 0 none .. 3, as the phone says
    interval_mod: int  # the interval's last three bits
    is_kiosk_bound: bool
    power_dbm: int
    rolling_id: bytes = field(repr=False)  # (8,)
    mic: bytes = field(repr=False)  # (2,)


def encode(
    day_key: bytes, interval: int, *, prefix: bytes, power_dbm: int, scope: int = 0
) -> bytes:
    """Return the 16 bytes for ``interval``.

    The power is rounded to steps of 4 dB, so that it tells one phone from another less.
    """
    step, on_grid = _POWER_GRID
    power = on_grid + step * round((power_dbm - on_grid) / step)
    header = _VERSION << 6 | interval % 8 << 3 | (scope & 3)
    hdr = bytes([header, power & 0xFF])
    token = rolling_id(day_key, interval)
    return prefix + hdr + token + _mic(day_key, hdr + token)


def decode(frame: bytes, prefix: bytes) -> Frame | None:
    """Return the parts of ``frame``; None when it is not of this retailer and version."""
    if len(frame) != FRAME_BYTES or frame[:PREFIX_BYTES] != prefix or frame[4] >> 6 != _VERSION:
        return None
    return Frame(
        scope=frame[4] & 3,
        interval_mod=frame[4] >> 3 & 7,
        is_kiosk_bound=bool(frame[4] & 4),
        power_dbm=int.from_bytes(frame[5:6], "big", signed=True),
        rolling_id=frame[6:14],
        mic=frame[14:],
    )


def is_made_with(frame: bytes, day_key: bytes) -> bool:
    """Return whether the frame's check value is that of ``day_key``, in constant time."""
    return hmac.compare_digest(_mic(day_key, frame[4:14]), frame[14:])


def uuid_of(frame: bytes) -> str:
    """Return the 128-bit UUID that carries ``frame``, as BlueZ and bleak write it."""
    return str(uuid.UUID(bytes=frame))


def frame_of(service_uuid: str) -> bytes:
    """Return the 16 bytes that a 128-bit UUID carries.

    Raises:
        ValueError: It is not the text of a UUID.
    """
    return uuid.UUID(service_uuid).bytes


def service_uuid(prefix: bytes) -> str:
    """Return the UUID under which the 12 bytes after ``prefix`` may be service data."""
    return f"{prefix.hex()}-0000-1000-8000-00805f9b34fb"


def frames_in(
    service_uuids: Iterable[str], service_data: Mapping[str, bytes], prefix: bytes
) -> list[bytes]:
    """Return every frame of this retailer in an advertisement, each once, in order.

    BlueZ gathers the service UUIDs of an address for its lifetime, so there may be old ones
    among them: which is the newest is for the reader to say (``beacon_reader``).
    """
    found = [*_in_uuids(service_uuids), *_in_data(service_data, prefix)]
    return list(dict.fromkeys(one for one in found if decode(one, prefix) is not None))


def _in_uuids(service_uuids: Iterable[str]) -> Iterator[bytes]:
    for one in service_uuids:
        try:
            yield frame_of(one)
        except ValueError:
            continue


def _in_data(service_data: Mapping[str, bytes], prefix: bytes) -> Iterator[bytes]:
    short = service_uuid(prefix)
    for name, value in service_data.items():
        if len(value) == FRAME_BYTES - PREFIX_BYTES and name.lower() == short:
            yield prefix + value
        else:
            yield bytes(value)


def _mic(day_key: bytes, hdr_and_token: bytes) -> bytes:
    return hmac.digest(day_key, b"KB1-MIC" + hdr_and_token, "sha256")[:2]
