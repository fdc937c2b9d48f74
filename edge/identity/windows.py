"""Whose rolling id is this: tables for the interval now, the one before and the one after.

One thread rolls; any thread may put, remove and find. There is no lock: a table is never
changed once it is published, and what is found is held against the customers of this moment, so
that a customer who withdrew is unknown at once, whatever tables still say.

Source: identity.md, "KB1 protocol" and "Cost of resolving"; decided.md 28, 31.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from edge.identity.day_keys import ROLLING_ID_BYTES, day_of_interval, interval_of, rolling_id
from edge.identity.profile import CustomerId
from edge.identity.window_tables import Entry, Table, packed, table_of

_REACH: Final = (0, -1, 1)
"""The intervals that are accepted, from now; the likeliest is built and looked in first."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose rolling id it is, of which interval, and the day key to check the rest with."""

    customer_id: CustomerId = field(repr=False)
    interval: int
    day_key: bytes = field(repr=False)


class Windows:
    """Every customer who may be recognised, by what their phones show these minutes."""

    def __init__(self) -> None:
        self._entries: dict[CustomerId, Entry] = {}
        self._tables: tuple[Table, ...] = ()
        self._newcomers: dict[bytes, tuple[Entry, int]] = {}  # not in every table yet
        self._has_rolled = False

    def __len__(self) -> int:
        """How many customers can be found."""
        return len(self._entries)

    def put(self, customer_id: CustomerId, day_keys: Mapping[int, bytes], now: datetime) -> None:
        """Make a customer known by ``day_keys`` (day -> 16 bytes), in place of what was."""
        entry = packed(customer_id, day_keys)
        before = self._entries.get(customer_id)
        self._entries[customer_id] = entry
        if self._has_rolled:  # before that, the first roll takes everybody in
            here = interval_of(now)
            for interval in range(here - 1, here + 3):  # one more: a roll may be under way
                self._add_newcomer(entry, before, interval)

    def remove(self, customer_id: CustomerId) -> None:
        """Forget a customer: their tokens mean nothing from now on."""
        self._entries.pop(customer_id, None)

    def roll(self, now: datetime) -> None:
        """Hold the tables for ``now``; call every few seconds. Builds one each five minutes.

        The table of the interval to come is built one interval early, so that nobody waits for it.
        """
        here = interval_of(now)
        self._has_rolled = True
        tables = {table.interval: table for table in self._tables}
        wanted = [here + reach for reach in _REACH]
        for interval in wanted:
            if interval not in tables:
                members = list(self._entries.values())
                tables[interval] = table_of(interval, members, len(members))
                self._tables = tuple(tables[one] for one in wanted if one in tables)
        self._tables = tuple(tables[one] for one in wanted)
        self._drop_newcomers(before=here - 1)

    def find(self, token: bytes) -> Found | None:
        """Return whose rolling id ``token`` is in the intervals around now, if anybody's."""
        if len(token) != ROLLING_ID_BYTES:
            return None
        for table in self._tables:
            entry = table.get(token)
            found = self._if_current(entry, table.interval) if entry else None
            if found:
                return found
        newcomer = self._newcomers.get(token)
        return self._if_current(*newcomer) if newcomer else None

    def _if_current(self, entry: Entry, interval: int) -> Found | None:
        """Return what was found, unless the customer left or has another key since."""
        day = day_of_interval(interval)
        current = self._entries.get(entry.customer_id)
        key = current.key(day) if current else None
        if key is None or key != entry.key(day):
            return None
        return Found(entry.customer_id, interval, key)

    def _add_newcomer(self, entry: Entry, before: Entry | None, interval: int) -> None:
        day = day_of_interval(interval)
        key = entry.key(day)
        if key is not None and (before is None or before.key(day) != key):
            self._newcomers[rolling_id(key, interval)] = entry, interval

    def _drop_newcomers(self, *, before: int) -> None:
        # One by one: a put may add to the same dict meanwhile.
        for token, (_, interval) in list(self._newcomers.items()):
            if interval < before:
                self._newcomers.pop(token, None)
