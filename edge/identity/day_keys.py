"""From a customer's key to what their phone shows for five minutes (KB1).

    beacon key (32, on the phone) -> day key (16, on the device) -> rolling id (8, in the open)

The device gets day keys only, so that opting out ends recognition when they run out. Rolling
ids of one customer cannot be linked without the day key.

Source: identity.md, "KB1 protocol"; RFC 5869 (HKDF); decided.md 28.
"""

import hmac
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INTERVAL_S: Final = 300
DAY_S: Final = 86_400
INTERVALS_PER_DAY: Final = DAY_S // INTERVAL_S

BEACON_KEY_BYTES: Final = 32
DAY_KEY_BYTES: Final = 16
ROLLING_ID_BYTES: Final = 8
PSEUDONYM_BYTES: Final = 8

_SALT: Final = bytes(32)


def day_of(at: datetime) -> int:
    """Return the whole days since 1970-01-01 UTC at the aware moment ``at``."""
    return int(at.timestamp() // DAY_S)


def interval_of(at: datetime) -> int:
    """Return the whole five minutes since 1970-01-01 UTC at the aware moment ``at``."""
    return int(at.timestamp() // INTERVAL_S)


def day_of_interval(interval: int) -> int:
    """Return the day that ``interval`` lies in; no interval lies in two."""
    return interval // INTERVALS_PER_DAY


def day_key(beacon_key: bytes, group: int, day: int) -> bytes:
    """Return the key of 16 bytes that ``group``'s devices hold for ``day``."""
    info = b"KB1-DAY" + group.to_bytes(4, "big") + day.to_bytes(4, "big")
    return HKDF(SHA256(), DAY_KEY_BYTES, _SALT, info).derive(beacon_key)


def pseudonym_of(beacon_key: bytes) -> bytes:
    """Return what K2 and K4 codes of the key's holder call them: 8 bytes, the same everywhere."""
    return hmac.digest(beacon_key, b"KB1-PSEUDONYM", "sha256")[:PSEUDONYM_BYTES]


def rolling_id(day_key: bytes, interval: int, kiosk_nonce: bytes = b"") -> bytes:
    """Return the 8 bytes that stand for the customer in ``interval``.

    With a kiosk's nonce (8 bytes) they mean something at that kiosk only.
    """
    message = b"KB1-RID" + interval.to_bytes(4, "big") + kiosk_nonce
    return hmac.digest(day_key, message, "sha256")[:ROLLING_ID_BYTES]
