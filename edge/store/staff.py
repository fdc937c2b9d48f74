"""The team and its tablets, and how often somebody failed to sign in.

Nothing here knows a PIN or a tablet's key: only hashes arrive. Failures are on disk, counted before
a PIN is even looked at, so that neither a restart nor two tries at once give more of them.

Source: security.md T9, "Roles for tablets and operators"; decided.md 38.
"""

import sqlite3
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from edge.store.moment import from_ms, to_ms
from edge.store.readers import Readers
from edge.store.writer import Writer

StaffRole = Literal["associate", "lead", "admin"]

LOCKED_FOR: Final = timedelta(minutes=15)
_STALE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team."""

    user_id: str
    name: str
    role: StaffRole
    pin_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tablet:
    """An enrolled tablet, as the team calls it."""

    name: str
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class Counter:
    """What failures are counted under, and how many lock it."""

    key: bytes = field(repr=False)  # names nobody
    limit: int


@dataclass(frozen=True, slots=True)
class Tries:
    """How it stands after this try was counted; ``is_allowed`` is False when it was locked."""

    is_allowed: bool
    left: int
    locked_until: datetime | None


class Team:
    """The tables of staff and tablets. Safe to use from every thread.

    Every change commits alone, and what is read is what is committed: a member or a tablet that
    was removed is gone from the next request on.
    """

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    # ---- people ------------------------------------------------------------------------

    def people(self) -> list[Member]:
        """Return the team by name."""
        with self._readers.connection() as con:
            return people_in(con)

    def member(self, user_id: str) -> Member | None:
        """Return a member, or None."""
        with self._readers.connection() as con:
            row = con.execute(
                "SELECT user_id, name, role, pin_hash FROM staff WHERE user_id = ?", (user_id,)
            ).fetchone()
        return None if row is None else Member(*row)

    def put(self, member: Member, now: datetime) -> Future[None]:
        """Add a member, or put them in place of the one of that id."""

        def work(con: sqlite3.Connection) -> None:
            con.execute(
                "INSERT OR REPLACE INTO staff(user_id, name, role, pin_hash, changed_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                (member.user_id, member.name, member.role, member.pin_hash, to_ms(now)),
            )

        return self._writer.submit(work, alone=True)

    def remove(self, user_id: str) -> Future[bool]:
        """Take a member out of the team; False when there was none."""
        return self._delete("DELETE FROM staff WHERE user_id = ?", user_id)

    # ---- tablets -----------------------------------------------------------------------

    def tablets(self) -> list[Tablet]:
        """Return the enrolled tablets by name."""
        with self._readers.connection() as con:
            return tablets_in(con)

    def is_tablet(self, key_hash: bytes) -> bool:
        """Say whether a tablet with a key of that hash is enrolled."""
        with self._readers.connection() as con:
            row = con.execute("SELECT 1 FROM tablet WHERE key_hash = ?", (key_hash,)).fetchone()
        return row is not None

    def offer_code(self, code_hash: bytes, name: str, until: datetime) -> Future[None]:
        """Let a code enrol one tablet, to be called ``name``, until then."""

        def work(con: sqlite3.Connection) -> None:
            con.execute("DELETE FROM tablet_code WHERE name = ?", (name,))
            con.execute(
                "INSERT OR REPLACE INTO tablet_code VALUES (?, ?, ?)",
                (code_hash, name, to_ms(until)),
            )

        return self._writer.submit(work, alone=True)

    def take_code(self, code_hash: bytes, key_hash: bytes, now: datetime) -> Future[str | None]:
        """Enrol a tablet with a code, once; return its name, or None when the code is not valid.

        A tablet of that name from before is no longer enrolled.
        """

        def work(con: sqlite3.Connection) -> str | None:
            con.execute("DELETE FROM tablet_code WHERE expires_ms <= ?", (to_ms(now),))
            row = con.execute(
                "DELETE FROM tablet_code WHERE code_hash = ? RETURNING name", (code_hash,)
            ).fetchone()
            if row is None:
                return None
            name = str(row[0])
            con.execute("DELETE FROM tablet WHERE name = ?", (name,))
            con.execute("INSERT INTO tablet VALUES (?, ?, ?)", (key_hash, name, to_ms(now)))
            return name

        return self._writer.submit(work, alone=True)

    def remove_tablet(self, name: str) -> Future[bool]:
        """Let a tablet be used no more; False when there was none of that name."""
        return self._delete("DELETE FROM tablet WHERE name = ?", name)

    # ---- failures ----------------------------------------------------------------------

    def count_try(self, counters: tuple[Counter, ...], now: datetime) -> Future[Tries]:
        """Count a try under each counter before it is made; none is counted while one is locked.

        The future's ``Tries`` is the tightest of them.
        """

        def work(con: sqlite3.Connection) -> Tries:
            _forget_stale(con, now)
            found = [_standing(con, counter, now) for counter in counters]
            locked = [until for _, until in found if until is not None]
            if locked:
                return Tries(is_allowed=False, left=0, locked_until=max(locked))
            left = min(
                _count(con, counter, failures, now)
                for counter, (failures, _) in zip(counters, found, strict=True)
            )
            until = now + LOCKED_FOR if left == 0 else None
            return Tries(is_allowed=True, left=left, locked_until=until)

        return self._writer.submit(work, alone=True)

    def forgive(self, whole: Counter, *others: Counter) -> Future[None]:
        """Take back what a try that succeeded counted: all of ``whole``, one of each other."""

        def work(con: sqlite3.Connection) -> None:
            con.execute("DELETE FROM sign_in_failures WHERE counter = ?", (whole.key,))
            con.executemany(
                "UPDATE sign_in_failures SET failures = failures - 1, locked_until_ms = 0"
                " WHERE counter = ?",
                [(other.key,) for other in others],
            )

        return self._writer.submit(work, alone=True)

    def _delete(self, sql: str, value: str) -> Future[bool]:
        return self._writer.submit(lambda con: con.execute(sql, (value,)).rowcount > 0, alone=True)


def people_in(con: sqlite3.Connection) -> list[Member]:
    """Return the team in a database, by name."""
    rows = con.execute("SELECT user_id, name, role, pin_hash FROM staff ORDER BY name, user_id")
    return [Member(*row) for row in rows]


def tablets_in(con: sqlite3.Connection) -> list[Tablet]:
    """Return the enrolled tablets in a database, by name."""
    rows = con.execute("SELECT name, enrolled_ms FROM tablet ORDER BY name")
    return [Tablet(name, from_ms(ms)) for name, ms in rows]


def _standing(
    con: sqlite3.Connection, counter: Counter, now: datetime
) -> tuple[int, datetime | None]:
    """Return the failures that count now, and until when the counter is locked."""
    row = con.execute(
        "SELECT failures, first_ms, locked_until_ms FROM sign_in_failures WHERE counter = ?",
        (counter.key,),
    ).fetchone()
    if row is None:
        return 0, None
    failures, first_ms, locked_ms = row
    # A clock that was ahead and is set back must not lock anybody for longer than the rule.
    until = min(from_ms(locked_ms), now + LOCKED_FOR)
    if until > now:
        return failures, until
    is_over = locked_ms > 0 or not timedelta(0) <= now - from_ms(first_ms) < LOCKED_FOR
    return (0 if is_over else failures), None


def _count(con: sqlite3.Connection, counter: Counter, failures: int, now: datetime) -> int:
    """Count one more failure and return how many are left before the counter locks."""
    locked_ms = to_ms(now + LOCKED_FOR) if failures + 1 >= counter.limit else 0
    con.execute(
        "INSERT INTO sign_in_failures VALUES (?, 1, ?, ?) ON CONFLICT (counter) DO UPDATE SET"
        " failures = ?, first_ms = iif(? = 1, excluded.first_ms, first_ms),"
        " locked_until_ms = excluded.locked_until_ms",
        (counter.key, to_ms(now), locked_ms, failures + 1, failures + 1),
    )
    return max(counter.limit - failures - 1, 0)


def _forget_stale(con: sqlite3.Connection, now: datetime) -> None:
    con.execute(
        "DELETE FROM sign_in_failures WHERE first_ms < ? AND locked_until_ms < ?",
        (to_ms(now - _STALE), to_ms(now)),
    )
