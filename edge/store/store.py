"""The store: one writer, many readers, and the tables put together.

Every method that records returns a future that resolves after the commit. A decision and the event
that reports it, an order and its event, an engagement and its event are always one transaction.
"""

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import SettingsContractError, StorageUnavailableError
from edge.decide.engagement import Engagement
from edge.store import facts, quarantine
from edge.store.audit import Audit
from edge.store.basis import Bases
from edge.store.boot import BootReport, bring_up, connector
from edge.store.command_rows import CommandRows
from edge.store.consents import Consents
from edge.store.decisions import Decisions, RecordedDecision
from edge.store.engagements import Engagements
from edge.store.erasure import ErasureParts, Erasures
from edge.store.eviction import Dropped
from edge.store.filesystem import refuse_network_file_system
from edge.store.forgotten import KEPT as FORGOTTEN_KEPT
from edge.store.forgotten import Erasure, Forgotten
from edge.store.guard import SingleWriter
from edge.store.keys import KeyFile
from edge.store.learner_rows import LearnerRows
from edge.store.observed import Observation, Observed
from edge.store.orders import NewOrder, Orders, StoredOrder
from edge.store.outbox import Outbox, Outgoing
from edge.store.people import People, PeopleParts
from edge.store.person_retention import AUDIT_KEPT, BASIS_KEPT, CONSENT_KEPT, PersonRetention
from edge.store.readers import Readers
from edge.store.reads import Reads
from edge.store.receipts import Receipts
from edge.store.release_rows import ReleaseRows
from edge.store.reserve import Reserve
from edge.store.staff import Team
from edge.store.stock import Stock, StockLevel
from edge.store.store_health import StoreHealth
from edge.store.store_settings import StoreSettings
from edge.store.sweep import Forgetful, forget_old, until_done
from edge.store.writer import Writer

FILE_NAME: Final = "edge.db"
KEPT: Final = timedelta(days=30)
"""How long decisions, engagements and orders stay on the device, where nothing else is set."""


@dataclass(frozen=True, slots=True)
class _Foundation:
    """What a store stands on."""

    folder: Path
    clock: Clock
    chance: Chance
    lock: SingleWriter
    keys: KeyFile


class Store:
    """What is recorded in a data folder. Safe to use from every thread."""

    def __init__(self, foundation: _Foundation, writer: Writer, outbox: Outbox) -> None:
        clock, keys = foundation.clock, foundation.keys
        self.writer = writer
        self.outbox = outbox
        self.boot = BootReport("", relies_on_single_writer=False)
        self.keys = keys
        self._folder = foundation.folder
        self._clock = clock
        self._lock = foundation.lock
        self._readers = Readers(foundation.folder / FILE_NAME)
        self.reads = Reads(self._readers, outbox)
        self.receipts = Receipts(writer, outbox)
        self.commands = CommandRows(writer, self._readers, keys)
        self.releases = ReleaseRows(writer, self._readers, outbox, clock)
        self.learner = LearnerRows(writer, self._readers)
        self._decisions = Decisions()
        self._engagements = Engagements()
        self._orders = Orders()
        self._stock = Stock()
        self._observed = Observed()
        self._bases = Bases()
        self.consents = Consents(keys, self._readers, clock)
        self.audit = Audit(keys, writer, self._readers, clock)
        self.staff = Team(writer, self._readers)
        parts = PeopleParts(
            writer, self._readers, keys, self.consents, outbox, clock, foundation.chance
        )
        self.forgotten = Forgotten(keys)
        self._erasures = Erasures(
            ErasureParts(writer, self._readers, keys, self.consents, outbox, self.forgotten, clock)
        )
        self.people = People(parts, self._erasures)
        self.person_retention = PersonRetention(parts, self.people, clock)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Clock,
        chance: Chance,
        settings: StoreSettings | None = None,
        announce: Callable[[Dropped], Outgoing] | None = None,
    ) -> Self:
        """Open the store in ``folder``, making it where there is none, and start its writer.

        A damaged file is set aside, a full disk is waited for: ``boot`` says what was found.
        Erasures that a crash interrupted are finished first.

        Args:
            folder: Where the database is, on a local disk.
            clock: The time.
            chance: For the name of a new file.
            settings: Sizes.
            announce: Makes the event that reports what a full outbox dropped.

        Raises:
            SettingsContractError: The folder is on a network file system, or others may read the
                keys in it.
            StorageUnavailableError: Another process writes here, or the folder cannot be made.
        """
        sizes = settings or StoreSettings()
        refuse_network_file_system(folder)
        _make(folder)
        lock = SingleWriter.take(folder / FILE_NAME)
        try:
            keys = KeyFile.open(folder, clock=clock, chance=chance)
        except SettingsContractError:
            lock.release()
            raise
        reserve = Reserve(folder, sizes.reserve_bytes)
        connect = connector(folder / FILE_NAME, chance, sizes.max_bytes)
        outbox = Outbox(clock, cap_bytes=sizes.outbox_bytes, announce=announce)
        writer = Writer(connect, reserve=reserve)
        store = cls(_Foundation(folder, clock, chance, lock, keys), writer, outbox)
        con, store.boot = bring_up(folder / FILE_NAME, connect, clock)
        reserve.hold()
        writer.start(con)
        if con is not None:
            store.people.finish_erasures()
        return store

    def close(self) -> None:
        """Commit what is queued and let the files go; a second call does nothing."""
        self._erasures.close()
        self._readers.close()
        self.writer.close()
        self.keys.close()
        self._lock.release()

    # ---- recording ---------------------------------------------------------------------

    def record_decision(
        self, decision: RecordedDecision, events: Sequence[Outgoing]
    ) -> Future[None]:
        """Keep a decision and the events that report it, both or neither.

        Neither, also, when it relied on the consent of somebody who was erased meanwhile.
        """

        def work(con: sqlite3.Connection) -> None:
            if self._erasures.relied_on_erased(decision):
                return
            self._decisions.add(con, decision)
            self.outbox.add(con, events)

        return self.writer.submit(work)

    def add_events(
        self, events: Sequence[Outgoing], engagements: Sequence[Engagement] = ()
    ) -> Future[int]:
        """Keep engagements and events; return how many events were new.

        An engagement that was here before takes the event of its id along: both are repeats.
        """

        def work(con: sqlite3.Connection) -> int:
            repeats = {e.event_id for e in engagements if not self._engage(con, e)}
            return self.outbox.add(con, [e for e in events if e.event_id not in repeats])

        return self.writer.submit(work)

    def add_order(
        self, order: NewOrder, events: Callable[[int], Sequence[Outgoing]]
    ) -> Future[StoredOrder]:
        """Keep an order under the next number of its day; a repeat returns the first one.

        Args:
            order: The order.
            events: Makes the events that report it, from its number.

        Returns:
            The order as it is on disk. The future raises StorageUnavailableError when the disk
            is full beyond the reserve, or the outbox is full of orders.
        """

        def work(con: sqlite3.Connection) -> StoredOrder:
            before = self._orders.get(con, order.order_id)
            if before is not None:
                return before
            number = self._orders.next_display_no(con, order.site_day)
            made = events(number)
            stored = StoredOrder(order, number, "taken", tuple(e.event_id for e in made))
            self._orders.add(con, stored)
            self.outbox.add(con, made)
            return stored

        return self.writer.submit(work, alone=True)

    def set_order_state(
        self, order_id: str, state: str, events: Sequence[Outgoing] = ()
    ) -> Future[bool]:
        """Note what a till reports of an order; False when there is no such order."""

        def work(con: sqlite3.Connection) -> bool:
            is_known = self._orders.set_state(con, order_id, state)
            if is_known:
                self.outbox.add(con, events)
            return is_known

        return self.writer.submit(work, alone=True)

    def set_stock(
        self, levels: Sequence[StockLevel], events: Sequence[Outgoing] = ()
    ) -> Future[int]:
        """Note stock levels and return the new revision."""

        def work(con: sqlite3.Connection) -> int:
            self.outbox.add(con, events)
            return self._stock.set(con, levels, self._clock())

        return self.writer.submit(work)

    def observe(self, observations: Sequence[Observation]) -> Future[None]:
        """Note facts from outside, each in place of the one before of its name."""

        def work(con: sqlite3.Connection) -> None:
            for observation in observations:
                self._observed.set(con, observation)

        return self.writer.submit(work)

    def erasure_of(self, pseudonym: bytes) -> Erasure | None:
        """Return when and with what they were erased here, if they were."""
        with self._readers.connection() as con:
            return self.forgotten.of(con, pseudonym)

    def mark_erased(self, pseudonym: bytes) -> Future[None]:
        """Remember that somebody who is not known here was erased elsewhere."""
        now = self._clock()
        return self.writer.submit(lambda con: self.forgotten.note(con, pseudonym, (), now))

    def clear_erasure(self, pseudonym: bytes) -> Future[None]:
        """Take the mark of an erasure away: they came back of their own will."""
        return self.writer.submit(lambda con: self.forgotten.clear(con, pseudonym))

    def count_up(self, name: str) -> Future[int]:
        """Add one to a counter that outlives restarts, and return it."""
        return self.writer.submit(lambda con: facts.count_up(con, name))

    # ---- keeping house -----------------------------------------------------------------

    def sweep(self, kept: timedelta = KEPT, *, trusts_clock: bool = True) -> int:
        """Delete what is older than ``kept``, in small transactions; return how many rows.

        To be called about once an hour. Nothing happens while the clock is not trusted, because a
        clock that jumped ahead would delete everything.
        """
        if not trusts_clock:
            return 0
        now = self._clock()
        tables: tuple[tuple[Forgetful, timedelta], ...] = (
            (self._decisions, kept),
            (self._engagements, kept),
            (self._orders, kept),
            (self._bases, BASIS_KEPT),
            (self.audit, AUDIT_KEPT),
            (self.consents, CONSENT_KEPT),
            (self.forgotten, FORGOTTEN_KEPT),
        )
        gone = forget_old(self.writer, tables, now)
        gone += quarantine.forget_old(self._folder, now, kept)
        gone += until_done(self.writer, self.outbox.expire)
        return gone + self.person_retention.sweep()

    def health(self) -> StoreHealth:
        """Return how the store is; never raises."""
        try:
            lanes = dict(self.reads.depths())
            unfinished = self.people.unfinished()
        except StorageUnavailableError:
            lanes, unfinished = {}, 0
        boot = self.boot
        if boot.problem is not None and self.writer.commits:
            boot = replace(boot, problem=None)  # the disk came back
        return StoreHealth(
            boot, lanes, self.writer.last_error or boot.problem, self.keys.problem, unfinished
        )

    def _engage(self, con: sqlite3.Connection, engagement: Engagement) -> bool:
        is_new = self._engagements.add(con, engagement)
        if is_new and engagement.kind != "play":
            self.outbox.mark_exposed(con, engagement.decision_id)
        return is_new


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"wanted the data folder {folder}, got {error.strerror}; choose another with --data"
        raise StorageUnavailableError(msg) from error
