"""The audit log: who did what, with whose data, at which screen; chained, so that it stays true.

Each entry is committed by itself, and its head is kept beside the keys before anybody is told
that it is recorded. ``verify`` finds every entry that was changed, taken out, moved or cut off.

Source: security.md T10, P14; decided.md 36 (kept 730 days).
"""

import sqlite3
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from edge.core.clock import Clock
from edge.core.errors import ContractError
from edge.store.after import after
from edge.store.chain import Chain, Head, Link, canonical, runs
from edge.store.chain_keys import ChainKeys, chain_of
from edge.store.moment import from_ms, to_ms
from edge.store.readers import Readers
from edge.store.writer import Writer

NAME: Final = "audit"
MAX_DETAIL: Final = 500
_COLUMNS: Final = "n, prev, hmac, at_ms, actor, action, subject_ref, screen_id, detail"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What somebody did. ``detail`` names nobody: the subject has a field of their own."""

    actor: str  # a member of staff, "device", "subject", "central"
    action: str
    subject_ref: str | None = field(default=None, repr=False)
    screen_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How many entries the log ever had, and the hash of the last one, for whoever is away."""

    n: int
    mac_hex: str  # "" while there is no entry
    at: datetime


class Audit:
    """The audit log of a store. Safe to use from every thread."""

    def __init__(self, keys: ChainKeys, writer: Writer, readers: Readers, clock: Clock) -> None:
        self._chain = chain_of(keys, NAME)
        self._writer = writer
        self._readers = readers
        self._clock = clock

    def add(self, entry: AuditEntry) -> Future[AuditHead]:
        """Record an entry; the future is answered when it is on disk and its head is kept.

        Raises (the future): StorageUnavailableError or TrustError; what was to be recorded must
        not happen then.
        """
        at = self._clock()
        _check(entry)

        def work(con: sqlite3.Connection) -> Head:
            return self._append(con, entry, at)

        def keep(head: Head) -> AuditHead:
            self._chain.keep(head)
            return _shown(head, at)

        return after(self._writer.submit(work, alone=True), keep)

    def head(self) -> AuditHead:
        """Return the end of the log, to be kept where nobody on this device reaches it."""
        return _shown(self._chain.head(), self._clock())

    def verify(self) -> list[str]:
        """Return what is wrong with the log, one sentence each; nothing when it is whole."""
        return _breaches(self._chain, self._readers)

    def count_since(self, actor: str, action: str, at: datetime) -> int:
        """Return how often ``actor`` did ``action`` after ``at``."""
        with self._readers.connection() as con:
            (count,) = con.execute(
                "SELECT count(*) FROM audit_entry WHERE actor = ? AND action = ? AND at_ms > ?",
                (actor, action, to_ms(at)),
            ).fetchone()
        return int(count)

    def entries(self, limit: int = 100) -> list[tuple[datetime, AuditEntry]]:
        """Return the last entries, newest first."""
        with self._readers.connection() as con:
            rows = con.execute(
                "SELECT at_ms, actor, action, subject_ref, screen_id, detail"
                " FROM audit_entry ORDER BY n DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [(from_ms(row[0]), AuditEntry(*row[1:])) for row in rows]

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete up to ``limit`` of the oldest entries that are older than ``at``; return how many.

        They go through a recorded cut; one that was changed, if only in its time, stays.
        """
        rows = con.execute(
            f"SELECT {_COLUMNS} FROM audit_entry ORDER BY n LIMIT ?",  # noqa: S608 - constant
            (limit,),
        ).fetchall()
        links = [_link(row) for row in rows if row[3] < to_ms(at)]
        old = [link for link in links if self._chain.is_own(link)]
        for run in runs(old):
            self._chain.cut(con, run[0], run[-1], self._clock())
            con.execute("DELETE FROM audit_entry WHERE n BETWEEN ? AND ?", (run[0].n, run[-1].n))
        return len(old)

    def _append(self, con: sqlite3.Connection, entry: AuditEntry, at: datetime) -> Head:
        row = con.execute("SELECT n, hmac FROM audit_entry ORDER BY n DESC LIMIT 1").fetchone()
        said = (
            to_ms(at),
            entry.actor,
            entry.action,
            entry.subject_ref,
            entry.screen_id,
            entry.detail,
        )
        link = self._chain.next(None if row is None else Head(*row), canonical(*said))
        con.execute(
            f"INSERT INTO audit_entry({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
            (link.n, link.prev, link.mac, *said),
        )
        return Head(link.n, link.mac)


def verify_audit(keys: ChainKeys, readers: Readers) -> list[str]:
    """Return what is wrong with the log that ``readers`` read; see ``Audit.verify``."""
    return _breaches(chain_of(keys, NAME), readers)


def _breaches(chain: Chain, readers: Readers) -> list[str]:
    with readers.connection() as con:
        rows = con.execute(f"SELECT {_COLUMNS} FROM audit_entry ORDER BY n")  # noqa: S608 - constant
        return list(chain.breaches(con, (_link(row) for row in rows)))


def _check(entry: AuditEntry) -> None:
    if not entry.actor or not entry.action or len(entry.detail) > MAX_DETAIL:
        msg = (
            f"wanted an actor, an action and a detail of at most {MAX_DETAIL} characters, got "
            f"{entry.actor!r}, {entry.action!r} and {len(entry.detail)} characters"
        )
        raise ContractError(msg)


def _link(row: tuple[Any, ...]) -> Link:
    n, prev, mac, *said = row
    return Link(n, prev, mac, canonical(*said))


def _shown(head: Head, at: datetime) -> AuditHead:
    return AuditHead(head.n, head.mac.hex() if head.n else "", at)
