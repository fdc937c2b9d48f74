"""Commands that were taken, noted before they are carried out: none is carried out twice.

A row without a result is one that a crash interrupted, or that is under way. The newest row stays
for ever, because its number is what the next command must be above. That number is also kept apart
from this database, with the keys: when the database is set aside as damaged, what was carried out
before must not be carried out again by whoever recorded it at the broker.
"""

import logging
import sqlite3
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.core.errors import StorageUnavailableError, TrustError
from edge.store.keys import KeyFile
from edge.store.moment import to_ms
from edge.store.readers import Readers
from edge.store.writer import Writer

log = logging.getLogger(__name__)

_FACT: Final = "command_seq"
KEPT: Final = 200
"""Rows; a command is repeated for 15 minutes at most, and a device gets a few a day."""


@dataclass(frozen=True, slots=True)
class TakenCommand:
    """A command that was taken before."""

    command_id: str
    seq: int
    result: bytes | None  # None: it was never noted what became of it


class CommandRows:
    """The ``command_taken`` table."""

    def __init__(self, writer: Writer, readers: Readers, keys: KeyFile) -> None:
        self._writer = writer
        self._readers = readers
        self._keys = keys

    def last_seq(self) -> int:
        """Return the number of the newest command that was taken; 0 before the first."""
        with self._readers.connection() as con:
            (found,) = con.execute("SELECT max(seq) FROM command_taken").fetchone()
        return max(0 if found is None else int(found), self._kept_apart())

    def find(self, command_id: str) -> TakenCommand | None:
        """Return the command of that id, if it was taken."""
        with self._readers.connection() as con:
            row = con.execute(
                "SELECT seq, result FROM command_taken WHERE command_id = ?", (command_id,)
            ).fetchone()
        return None if row is None else TakenCommand(command_id, *row)

    def take(self, command_id: str, seq: int, at: datetime) -> Future[bool]:
        """Note that a command is about to be carried out; False: it, or a newer one, was taken."""

        def work(con: sqlite3.Connection) -> bool:
            (newest,) = con.execute("SELECT max(seq) FROM command_taken").fetchone()
            if newest is not None and seq <= newest:
                return False
            con.execute(
                "INSERT INTO command_taken(command_id, seq, at_ms) VALUES (?, ?, ?)",
                (command_id, seq, to_ms(at)),
            )
            con.execute(
                "DELETE FROM command_taken WHERE seq <= (SELECT seq FROM command_taken"
                " ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (KEPT,),
            )
            return True

        return self._writer.submit(work, alone=True)

    def keep_apart(self, seq: int) -> None:
        """Keep the number of a command that was taken where a damaged database does not reach.

        Without keys that fit nothing is kept; commands are taken all the same, since ops need them
        most then.
        """
        try:
            self._keys.note(_FACT, seq.to_bytes(8, "big"))
        except (StorageUnavailableError, TrustError) as error:
            log.warning("the number of a command is kept in one place only: %s", error)

    def _kept_apart(self) -> int:
        try:
            return int.from_bytes(self._keys.noted(_FACT) or b"", "big")
        except (StorageUnavailableError, TrustError):
            return 0

    def finish(self, command_id: str, result: bytes) -> Future[None]:
        """Note what became of it, to answer the same when it is asked again."""

        def work(con: sqlite3.Connection) -> None:
            con.execute(
                "UPDATE command_taken SET result = ? WHERE command_id = ?", (result, command_id)
            )

        return self._writer.submit(work, alone=True)
