"""Delete what nothing depends on any more: once a day, and of profiles each on its own day."""

from datetime import datetime
from typing import Final

from edge.central.customers import erased_marks, profiles
from edge.central.customers.keys import CustomerKeys
from edge.central.postgres import Cursor
from edge.core.clock import Clock
from edge.identity.consent import VALID_FOR
from edge.identity.day_keys import day_of

_PAGE: Final = 100


class Sweeping:
    """Sweeps a little at each call, in transactions in which the caller is ``alone``."""

    def __init__(self, keys: CustomerKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._swept_day = 0

    def __call__(self, cur: Cursor) -> bool:
        """Sweep a little; return whether there may be more."""
        now = self._clock()
        if day_of(now) != self._swept_day:
            _sweep(cur, now)
            self._swept_day = day_of(now)
        return profiles.tidy(cur, self._keys, now, _PAGE) == _PAGE


def _sweep(cur: Cursor, now: datetime) -> None:
    before = now - VALID_FOR
    cur.execute("DELETE FROM customer_erased WHERE erased_at < %s", (now - erased_marks.KEPT,))
    cur.execute("DELETE FROM customer_message WHERE made_at < %s", (before,))
    cur.execute(
        "DELETE FROM consent_event e WHERE at < %s AND NOT EXISTS"
        " (SELECT 1 FROM customer c WHERE c.pseudonym = e.pseudonym)",
        (before,),
    )
