"""When to bring the write-ahead log back into the database file.

PASSIVE whenever about 1,000 pages have gathered, so that reads stay quick; TRUNCATE once an hour,
because only then are deleted rows gone from the log as well. The writer makes both, in the same
thread as its commits: two connections that checkpoint at once can corrupt the file.
"""

import sqlite3
from typing import Final

PAGES: Final = 1000
TRUNCATE_EVERY_S: Final = 3600.0
_VACUUM_PAGES: Final = 2000
_PATIENCE_MS: Final = 50
"""How long the writer, and with it everybody, waits for those who read."""


class Checkpoints:
    """Decides from commits and monotonic time; SQLite does not tell how long its log is."""

    def __init__(self, now_s: float) -> None:
        self._next_truncate_s = now_s + TRUNCATE_EVERY_S
        self._every_commits = 100
        self._at_commits = 0

    def idle_s(self, now_s: float) -> float:
        """Return how long the writer may sleep before ``tend`` has something to do."""
        return max(self._next_truncate_s - now_s, 0.001)

    def tend(self, con: sqlite3.Connection, commits: int, now_s: float) -> bool:
        """Checkpoint if it is time; return whether the file was brought to its smallest."""
        if now_s >= self._next_truncate_s:
            self._next_truncate_s = now_s + TRUNCATE_EVERY_S
            self._at_commits = commits
            truncate(con)
            return True
        since = commits - self._at_commits
        if since >= self._every_commits:
            self._at_commits = commits
            _, pages, _ = con.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._every_commits = _steered(since, pages)
        return False


def truncate(con: sqlite3.Connection) -> bool:
    """Empty the log and return freed pages to the file system; say whether no reader was in the way."""
    con.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
    busy, _, _ = con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy == 0)


def empty(con: sqlite3.Connection) -> bool:
    """Empty the log now, with little patience; say whether no reader was in the way."""
    (before,) = con.execute("PRAGMA busy_timeout").fetchone()
    con.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    try:
        return truncate(con)
    finally:
        con.execute(f"PRAGMA busy_timeout = {before}")


def _steered(commits: int, pages: int) -> int:
    # The same number of commits wrote ``pages``: aim at PAGES next time, within a factor of 2.
    wanted = commits * PAGES // max(pages, 1)
    return min(max(wanted, commits // 2, 10), commits * 2, 1000)
