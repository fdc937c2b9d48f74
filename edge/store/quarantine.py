"""Set a damaged database aside, whole, and carry over what can still be read of it.

The file moves together with its log; on its own, either would damage whatever it meets next. From
the old file the events that wait for delivery are taken along, each only if its checksum holds.
"""

import contextlib
import logging
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from edge.core.errors import StorageUnavailableError
from edge.store.database import open_reader
from edge.store.place import LANES, lane_no, place
from edge.store.room import room
from edge.store.row_id import ID_BYTES

log = logging.getLogger(__name__)

_BESIDE: Final = ("-wal", "-shm", "-journal", "")
"""The log first: a power cut in between must not leave an old log beside a new file."""

_NAMED: Final = "%Y%m%dT%H%M%S.%fZ"

_ROW: Final = (int, bytes, int, int, int, int, int, bytes)
_Row = tuple[int, bytes, int, int, int, int, int, bytes]


def set_aside(database: Path, at: datetime) -> Path:
    """Move ``database`` and what belongs to it into ``quarantine/<time>/``; return its new path.

    Raises:
        StorageUnavailableError: The disk does not let it be moved.
    """
    folder = database.parent / "quarantine" / at.strftime(_NAMED)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending in _BESIDE:
            path = database.with_name(database.name + ending)
            if path.exists():
                path.rename(folder / path.name)
        for changed in (folder, folder.parent, database.parent):
            flush_folder(changed)
    except OSError as error:
        msg = f"wanted to set {database} aside, got {error.strerror}; check the disk"
        raise StorageUnavailableError(msg) from error
    return folder / database.name


def forget_old(folder: Path, now: datetime, kept: timedelta) -> int:
    """Delete what was set aside in ``folder`` longer ago than ``kept``; return how many files.

    What a clock that was ahead dated into the future goes as well.
    """
    gone = 0
    for aside in sorted((folder / "quarantine").glob("*Z")):
        with contextlib.suppress(ValueError):  # not one of ours
            at = datetime.strptime(aside.name, _NAMED).replace(tzinfo=UTC)
            if not -timedelta(days=1) <= now - at < kept:
                shutil.rmtree(aside, ignore_errors=True)
                gone += not aside.exists()
    return gone


def is_orphaned_log(database: Path) -> bool:
    """Say whether a log lies there without its database."""
    return not database.exists() and database.with_name(database.name + "-wal").exists()


def salvage(damaged: Path, con: sqlite3.Connection) -> int:
    """Copy the whole events of a damaged outbox into ``con``'s; return how many.

    They get new numbers, because central counts them under the new file's epoch.
    """
    saved = 0
    with (
        contextlib.suppress(StorageUnavailableError),
        contextlib.closing(open_reader(damaged)) as old,
    ):
        con.execute("BEGIN IMMEDIATE")
        for row in _readable(old):
            saved += _keep(con, row)
        con.execute("COMMIT")
    log.warning("salvaged %d waiting events from %s", saved, damaged)
    return saved


def flush_folder(folder: Path) -> None:
    """Make what was created, moved or removed in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _readable(old: sqlite3.Connection) -> Iterator[_Row]:
    # From both ends of each lane: a scan stops at the first page it cannot read.
    for number in range(len(LANES)):
        for direction in ("ASC", "DESC"):
            with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
                yield from old.execute(
                    "SELECT place, id, eviction, created_ms, expires_ms, bytes, crc, body"  # noqa: S608 - constants
                    " FROM outbox NOT INDEXED WHERE place >= ? AND place < ?"
                    f" ORDER BY place {direction}",
                    (place(number, 0), place(number + 1, 0)),
                )


def _keep(con: sqlite3.Connection, row: _Row) -> int:
    # A damaged page hands out values of any kind; the tables would refuse the whole transaction.
    if not all(isinstance(value, kind) for value, kind in zip(row, _ROW, strict=True)):
        return 0
    key, event_id, eviction, created_ms, expires_ms, _, crc, body = row
    if zlib.crc32(body) != crc or len(event_id) != ID_BYTES:
        return 0
    size = room(len(body))
    number = lane_no(key)
    (next_seq,) = con.execute(
        "SELECT next_seq FROM outbox_lane WHERE lane = ?", (number,)
    ).fetchone()
    cursor = con.execute(
        "INSERT OR IGNORE INTO outbox(place, id, eviction, created_ms, expires_ms, bytes, crc, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (place(number, next_seq), event_id, eviction, created_ms, expires_ms, size, crc, body),
    )
    if cursor.rowcount:
        con.execute(
            "UPDATE outbox_lane SET next_seq = next_seq + 1, waiting = waiting + 1,"
            " bytes = bytes + ? WHERE lane = ?",
            (size, number),
        )
    return cursor.rowcount
