"""Kept states of the learner: the newest ones, and each as it was made.

More than are needed to go back a month; the oldest go first, and the chain of the rest still holds.
"""

import sqlite3
from concurrent.futures import Future
from typing import Final

from edge.experiment.snapshots import Snapshot
from edge.store.moment import from_ms, to_ms
from edge.store.readers import Readers
from edge.store.writer import Writer

KEPT: Final = 400
"""Of 9 kB each."""
_COLUMNS: Final = "number, at_ms, lessons, state, before, digest"


class LearnerRows:
    """The table ``learner_snapshot``. Safe to use from every thread."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    def all(self) -> list[Snapshot]:
        """Return what is kept, oldest first."""
        with self._readers.connection() as con:
            rows = con.execute(
                f"SELECT {_COLUMNS} FROM learner_snapshot ORDER BY number"  # noqa: S608 - constant
            ).fetchall()
        return [_snapshot(row) for row in rows]

    def keep(self, snapshot: Snapshot) -> Future[None]:
        """Keep ``snapshot``, and let go of the oldest beyond ``KEPT``."""

        def work(con: sqlite3.Connection) -> None:
            con.execute(
                f"INSERT INTO learner_snapshot({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
                (
                    snapshot.number,
                    to_ms(snapshot.at),
                    snapshot.lessons,
                    snapshot.state,
                    snapshot.before,
                    snapshot.digest,
                ),
            )
            con.execute("DELETE FROM learner_snapshot WHERE number <= ?", (snapshot.number - KEPT,))

        return self._writer.submit(work)

    def clear(self) -> Future[None]:
        """Forget every state: what was kept did not hold together."""

        def work(con: sqlite3.Connection) -> None:
            con.execute("DELETE FROM learner_snapshot")

        return self._writer.submit(work)


def _snapshot(row: tuple[int, int, int, bytes, bytes, bytes]) -> Snapshot:
    number, at_ms, lessons, state, before, digest = row
    return Snapshot(number, from_ms(at_ms), lessons, bytes(state), bytes(before), bytes(digest))
