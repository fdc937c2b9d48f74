"""Open the database file in the one way under which "acknowledged" means "durable".

WAL with ``synchronous=FULL`` is the only WAL setting that loses no acknowledged commit in a power
cut. One connection writes and makes every checkpoint, because SQLite before 3.51.3 can corrupt a
file when two connections do so at once. ``secure_delete`` makes deleting mean deleting.

Source: https://www.sqlite.org/wal.html#walresetbug; "Rules for the storage layer" in the design.
"""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from edge.core.errors import StorageUnavailableError

PAGE_BYTES: Final = 4096
WAL_LIMIT_BYTES: Final = 16 * 1024 * 1024

_WRITER: Final = f"""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA mmap_size = 0;
PRAGMA busy_timeout = 5000;
PRAGMA wal_autocheckpoint = 0;
PRAGMA journal_size_limit = {WAL_LIMIT_BYTES};
"""

_READER: Final = """
PRAGMA query_only = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA mmap_size = 0;
PRAGMA busy_timeout = 5000;
"""

_WORLD: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_PERM,
    }
)

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class StorageDamagedError(StorageUnavailableError):
    """The database file is not whole; it is set aside at the next start."""


def open_writer(path: Path, *, max_bytes: int) -> sqlite3.Connection:
    """Return the read-write connection; ``max_bytes`` is a hard stop for the file's size.

    The caller answers for there being only one (``edge.store.guard``).

    Raises:
        StorageUnavailableError: The file cannot be opened, or is not a database.
    """
    with contextlib.suppress(OSError):  # connect says what is wrong
        # SQLite would make it with the process's mask; its logs take the file's mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    con = connect(path, "rwc", _WRITER)
    con.execute(f"PRAGMA max_page_count = {max(max_bytes // PAGE_BYTES, 64)}")
    return con


def open_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that can only read. One thread at a time may use it.

    Raises:
        StorageUnavailableError: There is no such file, or it is not a database.
    """
    return connect(path, "ro", _READER)


def is_of_the_world(error: sqlite3.Error) -> bool:
    """Say whether disk, file or memory failed, and not the statement."""
    return primary_code(error) in _WORLD


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's result code without its extension; -1 when there is none."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else int(code) & 0xFF


def describe(error: sqlite3.Error | UnicodeDecodeError, doing: str) -> StorageUnavailableError:
    """Return our error for SQLite's, with what was being done and what to do.

    SQLite quotes a damaged schema in its message, and Python cannot decode what is no text.
    """
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if isinstance(error, UnicodeDecodeError) or primary_code(error) in _DAMAGE:
        msg = f"wanted to {doing}, got {name}: {error}; a restart sets the file aside"
        return StorageDamagedError(msg)
    msg = f"wanted to {doing}, got {name}: {error}; check free space and the disk's health"
    return StorageUnavailableError(msg)


def connect(path: Path, mode: str, pragmas: str) -> sqlite3.Connection:
    """Return a connection in SQLite's ``mode`` (ro, rw, rwc), its ``pragmas`` in force.

    Raises:
        StorageUnavailableError: The file cannot be opened, or is not a database.
    """
    uri = f"file:{_quoted(path)}?mode={mode}"
    con = None
    try:
        # check_same_thread: connections move between threads, never are in two at once.
        con = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        con.executescript(pragmas)
        con.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if con is not None:
            with contextlib.suppress(sqlite3.Error):
                con.close()
        raise describe(error, "open the database") from error
    return con


def _quoted(path: Path) -> str:
    # Only what has a meaning in a SQLite URI.
    text = str(path.absolute())
    return text.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
