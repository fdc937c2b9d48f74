"""Check that whoever asks holds a customer's home key: a proof (P1) that opens once.

Nobody learns whether a key is wrong or unknown: both take the same steps and get the same answer. What
was used is remembered in this process, and for others in ``used_proofs``; whatever was made before it
started is refused.
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final

from edge.central.my_data.home_tags import Claimed
from edge.core.chance import Chance
from edge.identity.day_keys import day_of_interval, interval_of, rolling_id
from edge.identity.home_key import HOME_KEY_BYTES, home_day_key
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.proof import ProofReader
from edge.identity.windows import Found

_REACH: Final = (0, -1, 1)
"""The intervals that are accepted, from now."""
_NOT_TOLD_APART: Final = frozenset({Refusal.UNKNOWN, Refusal.FORGED})


class Proving:
    """Reads proofs. Safe to use from every thread of one process."""

    def __init__(self, since: datetime, chance: Chance) -> None:
        """Take nothing that was made before ``since``."""
        self._reader = ProofReader(since=since)
        self._nobody = Claimed(b"", chance(HOME_KEY_BYTES))

    def proven(
        self, code: str, claim: Callable[[], Claimed | None], now: datetime
    ) -> bytes | Refusal:
        """Return the pseudonym of who made ``code``, or why it proves nothing.

        Args:
            code: The proof.
            claim: Says who is said to have made it; asked only for a proof of these minutes.
            now: The present moment.
        """

        def find(token: bytes) -> Found | None:
            said = claim()
            found = _found(said or self._nobody, token, now)
            return found if said is not None else None

        read = self._reader.read(code, now, find)
        if isinstance(read, Refusal):
            return Refusal.UNKNOWN if read in _NOT_TOLD_APART else read
        return read


def _found(said: Claimed, token: bytes, now: datetime) -> Found | None:
    found = None
    for reach in _REACH:  # all of them, so that no answer comes sooner than another
        interval = interval_of(now) + reach
        day_key = home_day_key(said.home_key, day_of_interval(interval))
        if hmac.compare_digest(rolling_id(day_key, interval), token):
            found = Found(CustomerId(said.pseudonym), interval, day_key)
    return found
