"""Customers who consented: kept sealed, each under a key of their own.

A key is made, and on disk, before the row that needs it; consent, row and the events that report
them are one transaction. A row that does not open is somebody nobody can be recognised as, and is
treated as not there.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import ContractError, EdgeError, TrustError
from edge.identity.holders import Holder
from edge.identity.profile import CustomerId, Profile
from edge.store.basis import Bases
from edge.store.consents import Consents, NewConsent
from edge.store.customer_rows import CustomerRow, CustomerRows
from edge.store.erasure import Erasures
from edge.store.keys import KeyFile
from edge.store.moment import to_day
from edge.store.outbox import Outbox, Outgoing
from edge.store.person_export import PersonExport
from edge.store.profile_bytes import to_bytes
from edge.store.readers import Readers
from edge.store.vault import Vault
from edge.store.writer import Writer

log = logging.getLogger(__name__)

PAGE: Final = 500
"""Customers that are read at once: some 10 ms, so that no reader holds the log for long."""


@dataclass(frozen=True, slots=True)
class PeopleParts:
    """What people are kept with."""

    writer: Writer
    readers: Readers
    keys: KeyFile
    consents: Consents
    outbox: Outbox
    clock: Clock
    chance: Chance


@dataclass(frozen=True, slots=True)
class Opened:
    """A customer's row. ``holder`` is None when it does not open, and never will."""

    customer_id: CustomerId = field(repr=False)
    holder: Holder | None = field(repr=False)
    seen_day: int


class People:
    """The customers of this device. Safe to use from every thread.

    Every method that records returns a future, which raises KeysUnfitError while the device's keys
    do not fit, UnknownCustomerError when the customer is not (any more) here, and
    StorageUnavailableError when the disk refused.
    """

    def __init__(self, parts: PeopleParts, erasures: Erasures) -> None:
        self._parts = parts
        self._rows = CustomerRows()
        self._bases = Bases()
        self._erasures = erasures
        self._vault = Vault(parts.keys, parts.chance)
        self._export = PersonExport(parts.readers)

    def enrol(
        self, holder: Holder, profile: Profile, consent: NewConsent, events: Sequence[Outgoing]
    ) -> Future[None]:
        """Keep a new customer, their consent and the events that report it, all or nothing."""
        parts = self._parts
        try:
            row = self._vault.new_row(holder, to_bytes(profile), to_day(parts.clock()))
        except EdgeError as error:
            return _failed(error)

        def work(con: sqlite3.Connection) -> None:
            self._rows.add(con, row)
            parts.consents.append(con, consent)
            parts.outbox.add(con, events)

        return parts.consents.settled(parts.writer.submit(work, alone=True))

    def keep_profile(
        self,
        customer_id: CustomerId,
        profile: Profile,
        events: Sequence[Outgoing] = (),
        *,
        seen_at: datetime | None = None,
    ) -> Future[None]:
        """Put a profile in place of the one before, and keep the events that report it.

        ``seen_at`` notes a visit.
        """
        try:
            text = to_bytes(profile)
        except ContractError as error:
            return _failed(error)

        def work(con: sqlite3.Connection) -> None:
            self._put_profile(con, customer_id, text, seen_at)
            self._parts.outbox.add(con, events)

        return self._parts.writer.submit(work, alone=bool(events))

    def keep_holder(self, holder: Holder, events: Sequence[Outgoing] = ()) -> Future[None]:
        """Put a holder in place of the one before, and keep the events that report it."""

        def work(con: sqlite3.Connection) -> None:
            row = self._rows.known(con, holder.customer_id)
            self._rows.set_holder(con, row, self._vault.next_holder(row, holder))
            self._parts.outbox.add(con, events)

        return self._parts.writer.submit(work, alone=bool(events))

    def change_purposes(
        self,
        customer_id: CustomerId,
        consent: NewConsent,
        profile: Profile,
        events: Sequence[Outgoing],
    ) -> Future[None]:
        """Keep what the customer said about purposes, and the profile without what it ends."""
        try:
            text = to_bytes(profile)
        except ContractError as error:
            return _failed(error)
        parts = self._parts

        def work(con: sqlite3.Connection) -> None:
            self._put_profile(con, customer_id, text, None)
            parts.consents.append(con, consent)
            parts.outbox.add(con, events)

        return parts.consents.settled(parts.writer.submit(work, alone=True))

    def erase(
        self,
        customer_id: CustomerId,
        *,
        proof: NewConsent | None,
        events: Sequence[Outgoing],
    ) -> Future[None]:
        """Forget a customer; see ``edge.store.erasure``.

        The future is answered when their key and rows are gone and both logs are empty; if
        somebody reads for longer than ``erasure.WAIT_S``, then before the main log is, which
        ``unfinished`` tells.
        """
        return self._erasures.erase(customer_id, self._holder(customer_id), proof, events)

    def unfinished(self) -> int:
        """Return how many erasures are not finished; ``finish_erasures`` goes on with them."""
        return self._erasures.unfinished()

    def finish_erasures(self) -> int:
        """Go on with erasures that something was in the way of; return how many are left."""
        return self._erasures.finish()

    def holders(self) -> Iterator[Holder]:
        """Return everybody who can be recognised, in no order that means anything."""
        for page in self.pages():
            yield from (one.holder for one in page if one.holder is not None)

    def profile(self, customer_id: CustomerId) -> Profile | None:
        """Return a customer's profile, or None when nothing (readable) is kept of them."""
        with self._parts.readers.connection() as con:
            row = self._rows.get(con, customer_id)
        if row is None:
            return None
        try:
            return self._vault.profile(row)
        except (TrustError, ContractError) as error:
            log.error("a customer's profile cannot be opened: %s", error)
            return None

    def export(self, customer_id: CustomerId) -> Mapping[str, object] | None:
        """Return every row that is kept of a customer, by table; None when nothing is."""
        holder, profile = self._holder(customer_id), self.profile(customer_id)
        if holder is None or profile is None:
            return None
        return self._export.of(holder, profile)

    def uses_since(self, record_ids: Iterable[str], since_at: datetime) -> int:
        """Return how many decisions since then relied on any of the consent records."""
        with self._parts.readers.connection() as con:
            return self._bases.uses_since(con, record_ids, since_at)

    # ---- for retention -----------------------------------------------------------------

    def pages(self) -> Iterator[Sequence[Opened]]:
        """Return everybody, page by page; nobody while the device's keys do not fit."""
        keys, after = self._parts.keys, b""
        if keys.problem is not None:
            return
        while rows := self._page(after):
            after = rows[-1].customer_id
            found = keys.data.within(rows[0].customer_id, rows[-1].customer_id)
            yield [self._opened(row, found.get(row.customer_id)) for row in rows]

    def drop_purchases(self, customer_id: CustomerId, before_day: int) -> Future[None]:
        """Delete a customer's purchases of earlier days."""

        def work(con: sqlite3.Connection) -> None:
            row = self._rows.get(con, customer_id)
            if row is not None:
                profile = self._vault.profile(row)
                kept = tuple(p for p in profile.purchases if p.day >= before_day)
                text = to_bytes(replace(profile, purchases=kept))
                self._put_profile(con, customer_id, text, None)

        return self._parts.writer.submit(work)

    # ---- inside ------------------------------------------------------------------------

    def _opened(self, row: CustomerRow, key: bytes | None) -> Opened:
        holder = None if key is None else self._vault.holder(row, key)
        return Opened(row.customer_id, holder, row.seen_day)

    def _page(self, after: bytes) -> Sequence[CustomerRow]:
        with self._parts.readers.connection() as con:
            return self._rows.page(con, after, PAGE)

    def _holder(self, customer_id: CustomerId) -> Holder | None:
        with self._parts.readers.connection() as con:
            row = self._rows.get(con, customer_id)
        try:
            return None if row is None else self._vault.holder(row)
        except TrustError:
            return None  # what cannot be opened can still be erased

    def _put_profile(
        self, con: sqlite3.Connection, customer_id: CustomerId, text: bytes, at: datetime | None
    ) -> None:
        row = self._rows.known(con, customer_id)
        seen_day = row.seen_day if at is None else to_day(at)
        self._rows.set_profile(con, row, self._vault.next_profile(row, text), seen_day)


def _failed(error: EdgeError) -> Future[None]:
    future: Future[None] = Future()
    future.set_exception(error)
    return future
