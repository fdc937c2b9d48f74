"""Connections that only read, one per thread at a time.

Kept in a pool rather than per thread, so that threads may come and go. A read must be short
(under a second): as long as one lasts, the write-ahead log cannot be emptied behind it.
"""

import contextlib
import sqlite3
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from edge.core.errors import StorageUnavailableError
from edge.store.database import describe, open_reader


class Readers:
    """Hands out read-only connections to the database at ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: deque[sqlite3.Connection] = deque()
        self._closed = False

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for the length of a ``with``.

        Raises:
            StorageUnavailableError: The database cannot be opened or read.
        """
        con = self._take()
        try:
            yield con
        except sqlite3.Error as error:
            con.close()
            raise describe(error, "read the database") from error
        except BaseException:
            self._give_back(con)
            raise
        self._give_back(con)

    def close(self) -> None:
        """Close what is not lent; what is lent closes when it comes back."""
        self._closed = True
        while self._free:
            with contextlib.suppress(IndexError):
                self._free.pop().close()

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            msg = "wanted to read, but the store is closed"
            raise StorageUnavailableError(msg)
        try:
            return self._free.pop()
        except IndexError:
            return open_reader(self._path)

    def _give_back(self, con: sqlite3.Connection) -> None:
        if self._closed:
            con.close()
        else:
            self._free.append(con)
