"""Prove, on the phone's own page, that this phone holds the customer's key (P1).

A K1 code stands on a display for everybody to see, so it must open no more than a kiosk. A proof
is made the same way under another context, is never drawn, and goes over TLS only; a photograph
of a code therefore never opens anybody's data.

    P1  ver1 rid8 ts4 nonce4 mac8, mac = HMAC-SHA256(day key, "KB1-PROVE" || first 17)[:8]
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from edge.identity.codes import made_with, read_made_with
from edge.identity.freshness import Freshness
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.used import UsedCodes
from edge.identity.windows import Found, Windows

PREFIX: Final = "P1:"
_CONTEXT: Final = b"KB1-PROVE"
_LONGEST: Final = 64


def proof(day_key: bytes, at: datetime, nonce: bytes) -> str:
    """Return a proof for the aware moment ``at``; ``nonce`` is 4 random bytes."""
    return PREFIX + made_with(day_key, at, nonce, _CONTEXT)


def mark_of(text: str) -> bytes:
    """Return what makes a proof that was read this one and no other, however it is spelled."""
    said = read_made_with(text.removeprefix(PREFIX), _CONTEXT)
    assert said is not None, "it was read"
    return _mark(said.rolling_id, said.nonce)


def _mark(token: bytes, nonce: bytes) -> bytes:
    return b"P1" + token + nonce


Find = Callable[[bytes], Found | None]
"""Whose rolling id these 8 bytes are."""


class ProofReader:
    """Reads proofs; each works once. Safe from several threads."""

    def __init__(self, windows: Windows | None = None, *, since: datetime | None = None) -> None:
        """Read proofs of those in ``windows``, made after ``since``: the memory began then."""
        self._windows = Windows() if windows is None else windows
        self._freshness = Freshness(since)
        self._used = UsedCodes()

    def read(self, text: str, now: datetime, find: Find | None = None) -> CustomerId | Refusal:
        """Return whose phone made the proof, or why it proves nothing.

        Args:
            text: The proof.
            now: The present moment.
            find: Asked whose it is in place of the windows; what it raises is raised here.
        """
        if len(text) > _LONGEST or not text.startswith(PREFIX):
            return Refusal.UNREADABLE
        said = read_made_with(text.removeprefix(PREFIX), _CONTEXT)
        if said is None:
            return Refusal.UNREADABLE
        refusal = self._freshness.refusal(said.at_s, now)
        if refusal is not None:
            return refusal
        found = (find or self._windows.find)(said.rolling_id)
        if found is None:
            return Refusal.UNKNOWN
        if not said.is_made_with(found.day_key):
            return Refusal.FORGED
        one = _mark(said.rolling_id, said.nonce)
        return self._used.take(one, found.customer_id, said.at_s, now) or found.customer_id
