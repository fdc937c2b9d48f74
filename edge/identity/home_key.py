"""The key with which a customer opens "My data" at home, at central: it follows from the phone's key.

    phone's key (32, in the shop's page) -> home key (32, in central's page) -> day key -> proof P1

Only the phone and central can make it. It goes no way back: whoever finds it makes no code that a
kiosk takes, and day keys, which shops' devices hold, prove nothing at central. ``home_tag`` is what
central finds the customer by, in one look, however many there are.

Source: ADR 0030; RFC 5869 (HKDF).
"""

from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge.identity.day_keys import day_key

HOME_KEY_BYTES: Final = 32
HOME_TAG_BYTES: Final = 16
_SALT: Final = bytes(32)
_OF_NO_GROUP: Final = 0
"""A home key is of one group already; its day keys are of none."""


def home_key(beacon_key: bytes, group: int) -> bytes:
    """Return the key of 32 bytes that opens "My data" at central, and nothing else."""
    return _derived(beacon_key, b"KB1-HOME" + group.to_bytes(4, "big"), HOME_KEY_BYTES)


def home_tag(home_key: bytes) -> bytes:
    """Return the 16 bytes by which central finds whose home key it is."""
    return _derived(home_key, b"KB1-HOME-TAG", HOME_TAG_BYTES)


def home_day_key(home_key: bytes, day: int) -> bytes:
    """Return the key of 16 bytes that proofs of ``day`` are made with."""
    return day_key(home_key, _OF_NO_GROUP, day)


def _derived(key: bytes, info: bytes, size: int) -> bytes:
    return HKDF(SHA256(), size, _SALT, info).derive(key)
