"""What a scanned text opens: a customer's fresh code, once, and nothing else.

The order of checks: is it one of ours, is it of this minute, do we know who made it, did they,
has it run out, was it used. Cheap ones first; nothing is remembered of a code that fails.
All of it works without a network.

Source: decided.md 29, 31; security.md, T11.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from edge.identity.codes import K1, K2, K4, PREFIXES, Kind, parse
from edge.identity.freshness import Freshness
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.used import UsedCodes
from edge.identity.windows import Windows

MAX_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class Read:
    """A good code, used by this reading."""

    customer_id: CustomerId | None = field(repr=False)
    """None: an issuer we know vouches for somebody who has nothing on this device."""
    kind: Kind
    scope: int | None
    """What the issuer says they allow; None for K1, where this device knows itself."""


class CodeReader:
    """Reads customers' codes; safe from several threads."""

    def __init__(
        self,
        windows: Windows,
        issuers: Mapping[bytes, bytes],
        customer_of: Callable[[bytes], CustomerId | None],
        used: UsedCodes | None = None,
        *,
        since: datetime | None = None,
    ) -> None:
        """Read codes of those in ``windows``, and of ``issuers``.

        Args:
            windows: Customers by their rolling ids.
            issuers: Key id (4 bytes) -> Ed25519 public key (32 bytes).
            customer_of: Returns whose pseudonym (8 bytes) it is on this device.
            used: The memory of used codes; its own when None.
            since: When that memory began: a code of before may have been used before.
        """
        self._windows = windows
        self._issuers = dict(issuers)
        self._customer_of = customer_of
        self._used = used if used is not None else UsedCodes()
        self._freshness = Freshness(since)

    def read(self, text: str, now: datetime) -> Read | Refusal | None:
        """Take a scanned text; None: not a customer's code. Never raises for any text."""
        if _is_too_long(text) or not text.startswith(PREFIXES):
            return None
        code = parse(text)
        if code is None:
            return Refusal.UNREADABLE
        refusal = self._freshness.refusal(code.at_s, now)
        if refusal is not None:
            return refusal
        return self._own(code, now) if isinstance(code, K1) else self._issued(code, now)

    def _own(self, code: K1, now: datetime) -> Read | Refusal:
        found = self._windows.find(code.rolling_id)
        if found is None:
            return Refusal.UNKNOWN
        if not code.is_made_with(found.day_key):
            return Refusal.FORGED
        one = b"K1" + code.rolling_id + code.nonce
        refusal = self._used.take(one, found.customer_id, code.at_s, now)
        return refusal or Read(found.customer_id, "K1", None)

    def _issued(self, code: K2 | K4, now: datetime) -> Read | Refusal:
        issuer_key = self._issuers.get(code.key_id)
        if issuer_key is None:
            return Refusal.OTHER_GROUP
        if not code.is_signed_by(issuer_key):
            return Refusal.FORGED
        if isinstance(code, K4) and now.timestamp() >= code.expires_s:
            return Refusal.EXPIRED
        kind: Kind = "K4" if isinstance(code, K4) else "K2"
        one = kind.encode() + code.key_id + code.pseudonym + code.nonce
        refusal = self._used.take(one, code.pseudonym, code.at_s, now)
        return refusal or Read(self._customer_of(code.pseudonym), kind, code.scope)


def _is_too_long(text: str) -> bool:
    return len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES
