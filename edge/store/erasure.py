"""Forget a customer so that nothing of them can be read any more, whatever interrupts it.

One transaction deletes their row, the decisions that relied on their consent with all that
happened to them and the events of these that still wait, keeps the proof, and marks the customer as
being erased. Then their key is destroyed and both logs are emptied; then the mark goes. After a
crash the mark is found at the start, and the rest is done before anything else.

What stays: the consent records with the proof, under a reference that stood beside the customer
only inside what their key sealed.

Source: security.md, P9 and measurement 7; decided.md 36.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from edge.core.clock import Clock
from edge.core.errors import EdgeError, StorageUnavailableError
from edge.identity.holders import Holder
from edge.identity.profile import CustomerId
from edge.store.basis import Bases
from edge.store.consents import Consents, NewConsent
from edge.store.customer_rows import CustomerRows
from edge.store.decisions import Decisions, RecordedDecision
from edge.store.engagements import Engagements
from edge.store.forgotten import Forgotten
from edge.store.keys import KeyFile
from edge.store.moment import to_ms
from edge.store.outbox import Outbox, Outgoing
from edge.store.readers import Readers
from edge.store.row_id import from_row
from edge.store.writer import Writer

log = logging.getLogger(__name__)

WAIT_S: Final = 10.0
"""How long an erasure waits for those who read; then whoever calls ``finish`` goes on with it."""
_AGAIN_S: Final = 0.05
_COMMIT_WAIT_S: Final = 30.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ErasureParts:
    """What an erasure reaches."""

    writer: Writer
    readers: Readers
    keys: KeyFile
    consents: Consents
    outbox: Outbox
    forgotten: Forgotten
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Task:
    customer_id: CustomerId
    holder: Holder | None  # None: it cannot be opened any more
    proof: NewConsent | None
    events: Sequence[Outgoing]


class Erasures:
    """Erases customers, one after the other, in a thread of its own."""

    def __init__(self, parts: ErasureParts) -> None:
        self._parts = parts
        self._rows = CustomerRows()
        self._bases = Bases()
        self._decisions = Decisions()
        self._engagements = Engagements()
        self._erased: set[str] = set()  # consent records, since the start
        self._finishing = threading.Lock()
        self._closing = threading.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="erasures")

    def erase(
        self,
        customer_id: CustomerId,
        holder: Holder | None,
        proof: NewConsent | None,
        events: Sequence[Outgoing],
    ) -> Future[None]:
        """Forget a customer.

        Args:
            customer_id: Who.
            holder: Their opened holder; None when it does not open.
            proof: The withdrawal that is kept, if there was consent to withdraw.
            events: What tells central.

        Returns:
            A future, answered when all is gone, or ``WAIT_S`` later.
        """
        try:
            return self._thread.submit(self._erase, _Task(customer_id, holder, proof, events))
        except RuntimeError:
            refused: Future[None] = Future()
            msg = "wanted to erase a customer, but the store is closed; ask again after its start"
            refused.set_exception(StorageUnavailableError(msg))
            return refused

    def relied_on_erased(self, decision: RecordedDecision) -> bool:
        """Say whether a decision that was under way relied on what is erased by now."""
        return any(one.record_id in self._erased for one in decision.basis)

    def unfinished(self) -> int:
        """Return how many customers are being erased."""
        return len(self._marked())

    def finish(self) -> int:
        """Do what is left of every erasure; return how many are still not finished.

        To be called at the start, before anything is read, and every few seconds.
        """
        marked = self._marked()
        if marked and not self._closing.is_set():
            try:
                self._clean(marked, wait_s=0.0)
            except EdgeError as error:
                log.error("an erasure is not finished, and is tried again: %s", error)
            return self.unfinished()
        return len(marked)

    def close(self) -> None:
        """Finish the erasure under way, without waiting for those who read."""
        self._closing.set()
        self._thread.shutdown()

    # ---- inside ------------------------------------------------------------------------

    def _erase(self, task: _Task) -> None:
        records = self._records_of(task)
        unlink = partial(self._unlink, task=task, records=records)
        try:
            _answer(self._parts.writer.submit(unlink, alone=True))
        except EdgeError:
            self._erased.difference_update(records)
            raise
        self._clean([task.customer_id], WAIT_S)
        if task.proof is not None:
            self._parts.consents.settle()

    def _records_of(self, task: _Task) -> list[str]:
        whose = task.holder or task.proof
        if whose is None:
            return []
        with self._parts.readers.connection() as con:
            rows = con.execute(
                "SELECT record_id FROM consent_record WHERE subject_ref = ?", (whose.subject_ref,)
            )
            return [row[0] for row in rows]

    def _unlink(self, con: sqlite3.Connection, task: _Task, records: list[str]) -> None:
        if self._is_marked(con, task.customer_id):
            return
        self._rows.known(con, task.customer_id)
        con.execute(
            "INSERT INTO customer_erasing(customer_id, since_ms) VALUES (?, ?)",
            (task.customer_id, to_ms(self._parts.clock())),
        )
        self._mark_as_forgotten(con, task)
        self._forget_decisions(con, records)
        self._rows.delete(con, task.customer_id)
        if task.proof is not None:
            self._parts.consents.append(con, task.proof)
        self._parts.outbox.add(con, task.events)
        # In the writer's thread, so that no decision is recorded between this and the commit.
        self._erased.update(records)

    def _mark_as_forgotten(self, con: sqlite3.Connection, task: _Task) -> None:
        """Remember, as a hash, that they were erased: an older message must not undo it."""
        holder = task.holder
        if holder is None or holder.pseudonym is None:
            return
        said = [*self._parts.consents.events_in(con, holder.subject_ref)]
        said += task.proof.events if task.proof is not None else ()
        withdrawals = [event for event in said if event.state == "withdrawn"]
        now = self._parts.clock()
        self._parts.forgotten.note(con, holder.pseudonym, withdrawals, now)

    def _forget_decisions(self, con: sqlite3.Connection, records: Iterable[str]) -> None:
        records = list(records)
        events: list[str] = []
        for decision_id in self._bases.decisions_of(con, records):
            events += [from_row(decision_id), *self._engagements.delete_of(con, decision_id)]
            self._decisions.delete(con, decision_id)
        self._bases.delete_of(con, records)
        self._parts.outbox.forget(con, events)

    def _clean(self, customer_ids: list[CustomerId], wait_s: float) -> None:
        """Destroy keys, empty the logs, take the marks away; leave the marks if it cannot be."""
        with self._finishing:
            self._parts.keys.shred(customer_ids)
            if not self._empty_log(wait_s):
                log.warning("a reader keeps what was erased in the log; it is tried again")
                return
            _answer(self._parts.writer.submit(partial(_unmark, ids=customer_ids), alone=True))
            self._empty_log(0.0)  # of the marks; they name nobody

    def _empty_log(self, wait_s: float) -> bool:
        until_s = time.monotonic() + wait_s
        while not _answer(self._parts.writer.empty_log()):
            if time.monotonic() >= until_s or self._closing.wait(_AGAIN_S):
                return False
        return True

    def _marked(self) -> list[CustomerId]:
        with self._parts.readers.connection() as con:
            rows = con.execute("SELECT customer_id FROM customer_erasing").fetchall()
        return [CustomerId(row[0]) for row in rows]

    def _is_marked(self, con: sqlite3.Connection, customer_id: CustomerId) -> bool:
        row = con.execute(
            "SELECT 1 FROM customer_erasing WHERE customer_id = ?", (customer_id,)
        ).fetchone()
        return row is not None


def _unmark(con: sqlite3.Connection, ids: Iterable[CustomerId]) -> None:
    con.executemany("DELETE FROM customer_erasing WHERE customer_id = ?", [(one,) for one in ids])


def _answer(future: Future[T]) -> T:
    try:
        return future.result(_COMMIT_WAIT_S)
    except TimeoutError as error:
        msg = f"wanted an answer of the disk within {_COMMIT_WAIT_S:.0f} s, got none; check it"
        raise StorageUnavailableError(msg) from error
