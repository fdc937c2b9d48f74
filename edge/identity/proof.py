"""Prove, on the phone's own page, that this phone holds the customer's key (P1).

A K1 code stands on a display for everybody to see, so it must open no more than a kiosk. A proof
is made the same way under another context, is never drawn, and goes over TLS only; a photograph
of a code therefore never opens anybody's data.

    P1  ver1 rid8 ts4 nonce4 mac8, mac = HMAC-SHA256(day key, "KB1-PROVE" || first 17)[:8]
"""

import hmac
import struct
from datetime import datetime
from typing import Final

from edge.identity import base45
from edge.identity.day_keys import interval_of, rolling_id
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.used import UsedCodes
from edge.identity.windows import Windows

PREFIX: Final = "P1:"
ACCEPTED_S: Final = 60
_CONTEXT: Final = b"KB1-PROVE"
_LAYOUT: Final = struct.Struct(">B8sI4s8s")
_VERSION: Final = 1
_BODY_BYTES: Final = 17


def proof(day_key: bytes, at: datetime, nonce: bytes) -> str:
    """Return a proof for the aware moment ``at``; ``nonce`` is 4 random bytes."""
    seconds = int(at.timestamp()).to_bytes(4, "big")
    body = bytes([_VERSION]) + rolling_id(day_key, interval_of(at)) + seconds + nonce
    return PREFIX + base45.encode(body + _mac(day_key, body))


class ProofReader:
    """Reads proofs; each works once. Safe from several threads."""

    def __init__(self, windows: Windows, *, since: datetime | None = None) -> None:
        """Read proofs of those in ``windows``, made after ``since``: the memory began then."""
        self._windows = windows
        self._since_s = None if since is None else int(since.timestamp())
        self._used = UsedCodes()

    def read(self, text: str, now: datetime) -> CustomerId | Refusal:
        """Return whose phone made the proof, or why it proves nothing. Never raises."""
        raw = _raw(text)
        if raw is None:
            return Refusal.UNREADABLE
        _, token, at_s, nonce, mac = _LAYOUT.unpack(raw)
        age_s = now.timestamp() - at_s
        if abs(age_s) > ACCEPTED_S:
            return Refusal.LATE if age_s > 0 else Refusal.EARLY
        if self._is_from_before(at_s, now):
            return Refusal.USED
        found = self._windows.find(token)
        if found is None:
            return Refusal.UNKNOWN
        if not hmac.compare_digest(mac, _mac(found.day_key, raw[:_BODY_BYTES])):
            return Refusal.FORGED
        refusal = self._used.take(b"P1" + token + nonce, found.customer_id, at_s, now)
        return refusal or found.customer_id

    def _is_from_before(self, at_s: int, now: datetime) -> bool:
        if self._since_s is None:
            return False
        # A clock that was ahead at the start and was set right must not refuse everybody.
        self._since_s = min(self._since_s, int(now.timestamp()))
        return at_s < self._since_s


def _raw(text: str) -> bytes | None:
    if len(text) > 64 or not text.startswith(PREFIX):
        return None
    try:
        raw = base45.decode(text.removeprefix(PREFIX))
    except ValueError:
        return None
    return raw if len(raw) == _LAYOUT.size and raw[0] == _VERSION else None


def _mac(day_key: bytes, body: bytes) -> bytes:
    return hmac.digest(day_key, _CONTEXT + body, "sha256")[:8]
