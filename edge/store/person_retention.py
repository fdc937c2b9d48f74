"""How long what is known of a person stays: until it is due, then not an hour longer than a day.

Purchases 90 days; a customer who did not come for 30 days is erased, and so is one of whom nothing
allows to know anything any more (consent ends by itself after 396 days). The proofs stay: consent
1,095 days after it ended, the audit log 730 days.

Source: decided.md 36; security.md, "Retention defaults".
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Final

from edge.core.clock import Clock
from edge.core.errors import EdgeError
from edge.identity.consent import purposes_in_force
from edge.identity.profile import HISTORY_DAYS, UNVISITED_DAYS, CustomerId
from edge.store.customer_rows import CustomerRows
from edge.store.moment import to_day
from edge.store.people import Opened, People, PeopleParts

log = logging.getLogger(__name__)

UNVISITED: Final = timedelta(days=UNVISITED_DAYS)
BASIS_KEPT: Final = timedelta(days=90)
AUDIT_KEPT: Final = timedelta(days=730)
CONSENT_KEPT: Final = timedelta(days=1095)
"""After the consent ended."""
_KEYS_AT_ONCE: Final = 500


class PersonRetention:
    """Looks at every customer once a day, and at what must go by itself at every call."""

    def __init__(self, parts: PeopleParts, people: People, clock: Clock) -> None:
        self._parts = parts
        self._people = people
        self._clock = clock
        self._rows = CustomerRows()
        self._looked_on = -1
        self.forget: Callable[[CustomerId], object] = self._erase
        """Forgets a customer who is due; set by whoever also knows them in memory."""

    def sweep(self) -> int:
        """Let go of what is due; return how much that was.

        Only a caller who trusts the clock may call it. To be called about once an hour.
        """
        now = self._clock()
        if self._parts.keys.problem is not None:
            return self._look_without_keys(now)
        gone = self._parts.keys.data.rotate(now)
        if self._looked_on != to_day(now):
            self._parts.writer.submit(
                lambda con: self._rows.not_seen_after(con, to_day(now))
            ).result()
            gone += sum(self._look_at(page, now) for page in self._people.pages())
            gone += self._shred_orphans(to_day(now) - 1)
            self._looked_on = to_day(now)
        return gone

    # ---- inside ------------------------------------------------------------------------

    def _look_without_keys(self, now: datetime) -> int:
        """Erase who did not come, though nobody can be opened: days are not sealed."""
        with self._parts.readers.connection() as con:
            due = self._rows.unvisited_since(con, to_day(now - UNVISITED))
        for customer_id in due:
            self._let_go(customer_id)
        return len(due)

    def _look_at(self, page: Sequence[Opened], now: datetime) -> int:
        due = [one for one in page if self._is_due(one, now)]
        for one in due:
            self._let_go(one.customer_id)
        others = {one.customer_id for one in page} - {one.customer_id for one in due}
        return len(due) + self._drop_purchases(sorted(others), to_day(now) - HISTORY_DAYS + 1)

    def _is_due(self, one: Opened, now: datetime) -> bool:
        if one.holder is None or one.seen_day < to_day(now - UNVISITED):
            return True
        return not purposes_in_force(self._parts.consents.events(one.holder.subject_ref), now)

    def _let_go(self, customer_id: CustomerId) -> None:
        try:
            self.forget(customer_id)
            if self._is_here(customer_id):  # nobody knew them in memory
                self._erase(customer_id)
        except EdgeError as error:
            log.error("a customer who is due is not erased yet: %s", error)

    def _erase(self, customer_id: CustomerId) -> None:
        self._people.erase(customer_id, proof=None, events=()).result()

    def _drop_purchases(self, customers: Sequence[CustomerId], before_day: int) -> int:
        dropped: list[Future[None]] = []
        for customer_id in customers:
            profile = self._people.profile(customer_id)
            if profile is not None and any(p.day < before_day for p in profile.purchases):
                dropped.append(self._people.drop_purchases(customer_id, before_day))
        for one in dropped:
            one.result()
        return len(dropped)

    def _shred_orphans(self, before_day: int) -> int:
        """Destroy keys without a row: of an enrolment that was cut off, or a file set aside."""
        keys, gone, after = self._parts.keys, 0, b""
        while ids := keys.data.made_before(before_day, after, _KEYS_AT_ONCE):
            after = ids[-1]
            with self._parts.readers.connection() as con:
                orphans = sorted(set(ids) - self._rows.among(con, ids))
            if orphans:
                keys.shred(orphans)
                gone += len(orphans)
        return gone

    def _is_here(self, customer_id: CustomerId) -> bool:
        with self._parts.readers.connection() as con:
            return self._rows.get(con, customer_id) is not None
