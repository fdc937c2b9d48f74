"""``keys.db``: keys in a file of their own, so that deleting one makes it unreadable.

One connection that no other process can join (``locking_mode=EXCLUSIVE``) makes every write and
every checkpoint: no reader can keep the write-ahead log from being emptied. ``secure_delete``
overwrites what is deleted in the file, and emptying the log takes it out of there: only both
together left 0 of 300 deleted keys readable (security.md, measurement 7). Even then a few of 8,000
deleted index entries were found again, in gaps that SQLite leaves when it moves rows between
pages; so the file is written anew from what is left (VACUUM), after which none was.

WAL with ``synchronous=FULL``, because a rollback journal copies the key's page into a second file
and then only unlinks that.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from edge.core.errors import StorageUnavailableError
from edge.store.database import connect, describe
from edge.store.key_file import refuse_wide_permissions
from edge.store.quarantine import flush_folder

FILE_NAME: Final = "keys.db"

_PRAGMAS: Final = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA secure_delete = ON;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
"""

_TABLES: Final = """
-- The salt of a key-encryption key. Once it is destroyed, the root key opens nothing of its epoch.
CREATE TABLE IF NOT EXISTS key_epoch(
  epoch INTEGER PRIMARY KEY,
  salt BLOB NOT NULL,
  made_ms INTEGER NOT NULL
) STRICT;

-- A customer's own key, wrapped. Deleting the row is what makes their data unreadable.
CREATE TABLE IF NOT EXISTS data_key(
  customer_id BLOB PRIMARY KEY CHECK (length(customer_id) = 16),
  epoch INTEGER NOT NULL,
  made_day INTEGER NOT NULL,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS device_key(name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

-- What must not go back together with the main database, such as the head of the audit log.
CREATE TABLE IF NOT EXISTS key_fact(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
"""


class KeysDatabase:
    """The tables of keys. Safe to use from every thread; each use is short."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it, for its owner only, where there is none.

        Raises:
            SettingsContractError: Others may read it.
            StorageUnavailableError: The disk does not let it be opened, or it is damaged.
        """
        self._path = path
        self._lock = threading.RLock()
        self._con: sqlite3.Connection | None = None
        self._closed = False
        with self._connection():
            pass

    def read(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._connection() as con:
            return con.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for a transaction, durable when the block has ended."""
        with self._connection() as con:
            con.execute("BEGIN IMMEDIATE")
            try:
                yield con
                con.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # closed: it rolled back
                    con.execute("ROLLBACK")
                raise

    def forget(self) -> None:
        """Leave nothing of what was deleted, neither in the file nor in its log.

        Raises:
            StorageUnavailableError: The disk does not let it happen; to be tried again.
        """
        with self._connection() as con:
            try:
                con.execute("VACUUM")
            finally:
                con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Let the file go; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._disconnect()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._closed:
                msg = "wanted a key, but the store is closed"
                raise StorageUnavailableError(msg)
            try:
                if self._con is None:
                    self._con = self._open()
                yield self._con
            except sqlite3.Error as error:
                # A new connection sees the file as it is.
                self._disconnect()
                raise describe(error, "use the keys") from error

    def _open(self) -> sqlite3.Connection:
        refuse_wide_permissions(self._path)
        try:
            # SQLite would make it with the process's mask; its log takes the file's mode.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            flush_folder(self._path.parent)
        except OSError as error:
            msg = f"wanted to open {self._path}, got {error.strerror}; check owner and disk"
            raise StorageUnavailableError(msg) from error
        con = connect(self._path, "rw", _PRAGMAS)
        try:
            con.executescript(_TABLES)
        except sqlite3.Error:
            con.close()
            raise
        return con

    def _disconnect(self) -> None:
        con, self._con = self._con, None
        if con is not None:
            with contextlib.suppress(sqlite3.Error):
                con.close()
