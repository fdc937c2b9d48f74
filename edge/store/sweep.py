"""Deleting what is too old, in transactions so small that no order waits long for one."""

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from edge.store.writer import Writer

_SLICE: Final = 500


class Forgetful(Protocol):
    """Tables that can let go of what is older than a moment, a few rows at a time."""

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete at most ``limit`` rows from before ``at``; return how many."""


def forget_old(writer: Writer, tables: Iterable[tuple[Forgetful, timedelta]], now: datetime) -> int:
    """Let each table go of what is older than its age; return how many rows."""
    return sum(until_done(writer, partial(_forget, table, now - age)) for table, age in tables)


def until_done(writer: Writer, work: Callable[[sqlite3.Connection], int]) -> int:
    """Repeat ``work``, each time as a unit of its own, until it returns 0; return the sum."""
    gone = 0
    while (more := writer.submit(work).result()) > 0:
        gone += more
    return gone


def _forget(table: Forgetful, before: datetime, con: sqlite3.Connection) -> int:
    return table.forget_before(con, before, _SLICE)
