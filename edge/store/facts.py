"""Facts about the database file itself: its epoch, and counters that only grow."""

import sqlite3

from edge.core.chance import Chance

_EPOCH = "epoch"


def epoch(con: sqlite3.Connection) -> str:
    """Return the file's random name, under which central counts its events."""
    (value,) = con.execute("SELECT value FROM file_fact WHERE name = ?", (_EPOCH,)).fetchone()
    return str(value)


def begin_epoch(con: sqlite3.Connection, chance: Chance) -> None:
    """Name a new file; an old one keeps its name."""
    con.execute("INSERT OR IGNORE INTO file_fact VALUES (?, ?)", (_EPOCH, chance(8).hex()))


def counter(con: sqlite3.Connection, name: str) -> int:
    """Return a counter's value, 0 before its first count."""
    row = con.execute("SELECT value FROM file_fact WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])


def count_up(con: sqlite3.Connection, name: str) -> int:
    """Add one to a counter and return it."""
    (value,) = con.execute(
        "INSERT INTO file_fact VALUES (?, 1)"
        " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        (name,),
    ).fetchone()
    return int(value)
