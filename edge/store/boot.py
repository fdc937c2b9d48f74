"""Bring the database up, whatever the last shutdown did to it.

A sound file is migrated and used. A damaged one is set aside and a fresh one made, so that the
screens come up; the report says so, and health turns it into an alarm. A full or failing disk
does not stop the start: the writer tries again with every piece of work.
"""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.store import facts, quarantine, schema
from edge.store.database import StorageDamagedError, describe, open_reader, open_writer
from edge.store.guard import needs_the_guard

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BootReport:
    """What was found at the start."""

    sqlite_version: str
    relies_on_single_writer: bool  # this SQLite has the WAL-reset bug; the lock keeps files whole
    set_aside: Path | None = None  # where the damaged file went
    damage: str | None = None
    salvaged: int = 0  # waiting events carried over from it
    problem: str | None = None  # why nothing can be recorded yet


def connector(path: Path, chance: Chance, max_bytes: int) -> Callable[[], sqlite3.Connection]:
    """Return the function that opens the one writing connection, schema and epoch in place.

    It raises StorageUnavailableError, and StorageDamagedError when the file is not whole.
    """

    def connect() -> sqlite3.Connection:
        con = open_writer(path, max_bytes=max_bytes)
        try:
            schema.migrate(con)
            facts.begin_epoch(con, chance)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            con.close()
            raise describe(error, "prepare the tables") from error
        except StorageUnavailableError:
            con.close()
            raise
        return con

    return connect


def bring_up(
    path: Path, connect: Callable[[], sqlite3.Connection], clock: Clock
) -> tuple[sqlite3.Connection | None, BootReport]:
    """Return the writing connection, or None while the disk is not there, and what was found."""
    report = BootReport(sqlite3.sqlite_version, needs_the_guard())
    try:
        if quarantine.is_orphaned_log(path):
            return _start_afresh(path, connect, clock, report, "a log without its database")
        try:
            _check(path)
            return connect(), report
        except StorageDamagedError as damage:
            return _start_afresh(path, connect, clock, report, str(damage))
    except StorageUnavailableError as error:
        log.error("starting without storage: %s", error)
        return None, replace(report, problem=str(error))


def _check(path: Path) -> None:
    """Return if the database at ``path`` is whole, or not there yet.

    Through a read-only connection, which leaves a damaged file and its log as they are.
    """
    if not path.exists():
        return
    with closing(open_reader(path)) as con:
        try:
            (found,) = con.execute("PRAGMA quick_check(1)").fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise describe(error, "check the database") from error
    if found != "ok":
        msg = f"wanted a whole database, but quick_check found: {found}"
        raise StorageDamagedError(msg)


def _start_afresh(
    path: Path,
    connect: Callable[[], sqlite3.Connection],
    clock: Clock,
    report: BootReport,
    damage: str,
) -> tuple[sqlite3.Connection, BootReport]:
    aside = quarantine.set_aside(path, clock())
    log.error("database damaged (%s); set aside as %s", damage, aside)
    con = connect()
    saved = quarantine.salvage(aside, con) if aside.exists() else 0
    return con, replace(report, set_aside=aside, damage=damage, salvaged=saved)
