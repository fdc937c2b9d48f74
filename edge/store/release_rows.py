"""Where each package name is on its way, and which packages failed here.

State, quarantine and the event that reports them are one transaction, so that a power cut never
leaves a device that tries again what it has just refused.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from edge.core.clock import Clock
from edge.store.moment import to_ms
from edge.store.outbox import Outbox, Outgoing
from edge.store.readers import Readers
from edge.store.writer import Writer


class ReleaseRows:
    """The tables ``release_state`` and ``release_refused``. Safe to use from every thread."""

    def __init__(self, writer: Writer, readers: Readers, outbox: Outbox, clock: Clock) -> None:
        self._writer = writer
        self._readers = readers
        self._outbox = outbox
        self._clock = clock

    def state(self, name: str) -> bytes | None:
        """Return what was kept last about ``name``."""
        with self._readers.connection() as con:
            row = con.execute("SELECT body FROM release_state WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def refused(self) -> Mapping[str, str]:
        """Return the digests that are never tried here again, each with its reason."""
        with self._readers.connection() as con:
            return dict(con.execute("SELECT digest, reason FROM release_refused").fetchall())

    def keep(
        self,
        name: str,
        body: bytes,
        refused: tuple[str, str] | None = None,
        events: Sequence[Outgoing] = (),
    ) -> Future[None]:
        """Replace what is kept about ``name``, with a digest that failed and the events of it.

        It commits alone: what comes next depends on its being on the disk. The future raises
        StorageUnavailableError when the disk refuses.
        """
        at_ms = to_ms(self._clock())

        def work(con: sqlite3.Connection) -> None:
            con.execute(
                "INSERT OR REPLACE INTO release_state(name, body, changed_ms) VALUES (?, ?, ?)",
                (name, body, at_ms),
            )
            if refused is not None:
                con.execute(
                    "INSERT OR IGNORE INTO release_refused(digest, reason, at_ms) VALUES (?, ?, ?)",
                    (*refused, at_ms),
                )
            self._outbox.add(con, events)

        return self._writer.submit(work, alone=True)
