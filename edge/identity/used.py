"""Every code opens once: what was presented on this device these minutes.

Codes lie in buckets by their own moment, which is part of what is checked, so the same code
always meets the same bucket. A bucket is dropped when the last of its codes was presented three
minutes ago at least. Codes of a dropped bucket, and of any before it, count as used: a clock
that is set forward and back opens nothing a second time.

Safe from several threads without a lock: ``dict.setdefault`` lets one of them win.

Source: decided.md 29, 31; security.md, "Recognition" (every structure is bounded).
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

from edge.identity.presence import Refusal

BUCKET_S: Final = 180
KEPT_S: Final = 240
"""After its last code's moment: accepted for 60 s, remembered 180 s from then."""

MAX_CODES: Final = 65_536
_DIGEST_BYTES: Final = 16
MAX_PER_CUSTOMER: Final = 12
"""As many codes as a phone draws in one bucket's time (one every 15 s)."""
MAX_PER_TELLER: Final = 2_048
"""Of one other device in one bucket's time; more would crowd out what the honest ones tell."""


class _Bucket:
    __slots__ = ("counts", "takers", "tellers")

    def __init__(self) -> None:
        self.tellers: dict[str, int] = {}
        self.takers: dict[bytes, object] = {}
        self.counts: dict[bytes, int] = {}


class UsedCodes:
    """The memory of codes that opened something; bounded, and full means refused."""

    def __init__(
        self, *, max_codes: int = MAX_CODES, max_per_customer: int = MAX_PER_CUSTOMER
    ) -> None:
        self._max_codes = max_codes
        self._max_per_customer = max_per_customer
        self._buckets: dict[int, _Bucket] = {}
        self._dropped = -1  # the latest bucket that was
        self.told: Callable[[bytes, int], None] = lambda _digest, _at_s: None
        """Called with the digest (16 bytes) and the moment of each code that opened something."""

    def __len__(self) -> int:
        """How many codes are remembered."""
        return sum(len(bucket.takers) for bucket in list(self._buckets.values()))

    def take(self, code: bytes, customer: bytes, at_s: int, now: datetime) -> Refusal | None:
        """Use a verified code of the moment ``at_s``; None: it was new, and now is used.

        Args:
            code: What makes it this code and no other.
            customer: Whose it is: somebody's codes are limited, so that nobody fills the memory.
            at_s: The code's own moment, in whole seconds since 1970.
            now: The present moment.
        """
        self._drop_old(now)
        code = _digest(code)
        number = at_s // BUCKET_S
        if number <= self._dropped:
            return Refusal.USED
        bucket = self._buckets.setdefault(number, _Bucket())
        if code in bucket.takers:
            return Refusal.USED
        if bucket.counts.get(customer, 0) >= self._max_per_customer or len(self) >= self._max_codes:
            return Refusal.TOO_MANY
        taker = object()
        if bucket.takers.setdefault(code, taker) is not taker:
            return Refusal.USED
        bucket.counts[customer] = bucket.counts.get(customer, 0) + 1
        self.told(code, at_s)
        return None

    def hear(self, digest: bytes, at_s: int, now: datetime, teller: str = "") -> None:
        """Note that a code opened something at another device of the shop, as ``teller`` says.

        What is not of these minutes, or beyond what is kept, is not noted: it could open nothing
        here either, or somebody wants the memory full.
        """
        self._drop_old(now)
        number = at_s // BUCKET_S
        is_of_now = abs(now.timestamp() - at_s) <= KEPT_S
        if not is_of_now or number <= self._dropped or len(self) >= self._max_codes // 2:
            return
        bucket = self._buckets.setdefault(number, _Bucket())
        told = bucket.tellers.get(teller, 0)
        if digest not in bucket.takers and told < MAX_PER_TELLER:
            bucket.tellers[teller] = told + 1
            bucket.takers.setdefault(digest, object())

    def _drop_old(self, now: datetime) -> None:
        newest_old = int(now.timestamp() - KEPT_S) // BUCKET_S - 1
        for number in list(self._buckets):
            if number <= newest_old:
                self._dropped = max(self._dropped, number)
                self._buckets.pop(number, None)


def _digest(code: bytes) -> bytes:
    # What is kept, and told to other devices, is not the code itself.
    return hashlib.sha256(b"instore used 1" + code).digest()[:_DIGEST_BYTES]
