"""What central does not keep any longer, deleted from PostgreSQL: a day at a time, and again safely.

Most of a day's events have one time to be kept. When it is over, their partition is dropped; the few
that are kept longer, such as proof of consent, move to the default partition first. There are
therefore never more than some four hundred partitions, because PostgreSQL locks each of them for a
query over all. What has a shorter time is deleted from its partition when that is over.

What the platform has not had stays: nothing above its cursor is touched.
"""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, LiteralString

import orjson

from edge.central.bridge.partitions import DAYS_BACK, days_of_partitions, name_of
from edge.central.bridge.retention import CLOCKS_DIFFER, FIRST_DAY, Retention
from edge.central.bridge.settled import settled
from edge.central.postgres import Connection, Cursor

log = logging.getLogger(__name__)

WAITS_MS: Final = 2_000
"""For whoever uses the table, before it is put off to another time."""
_LATE_DAYS: Final = DAYS_BACK + 1
"""By so much later than its partition's day an event without a trusted clock may count."""
_IS_OVER: Final[LiteralString] = """
(%(today)s::date - CASE
   WHEN body->>'clock' <> 'none' AND day >= %(first)s AND time <= received_at + %(differ)s THEN day
   ELSE received_at::date END)
> coalesce((%(days)s::jsonb->>split_part(body->>'dataschema', ':', 4))::int, %(ordinary)s)
"""


@dataclass(frozen=True, slots=True)
class Retained:
    """What was deleted, or would be."""

    days: int = 0
    """Whole days, each with its partition."""
    rows: int = 0
    """Events out of days that stay."""
    moved: int = 0
    """Events that are kept longer than their day."""
    held: int = 0
    """Days that are due, and of which the platform has not had everything."""
    others: int = 0
    """Dead letters, old words on health, answers to commands."""


@dataclass(frozen=True, slots=True)
class _Run:
    con: Connection
    rules: Retention
    now: datetime
    bound: int
    """No row above this number is touched."""
    is_dry: bool

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def values(self) -> dict[str, Any]:
        return {
            "today": self.today,
            "first": FIRST_DAY,
            "differ": CLOCKS_DIFFER,
            "days": orjson.dumps(dict(self.rules.days)).decode(),
            "ordinary": self.rules.ordinary,
            "bound": self.bound,
        }


def retain(
    con: Connection,
    rules: Retention,
    now: datetime,
    *,
    has_platform: bool = False,
    is_dry: bool = False,
) -> Retained:
    """Delete what is not kept any longer; with ``is_dry``, only say what that would be.

    Args:
        con: In autocommit mode, and not used for anything else.
        rules: For how long what is kept.
        now: The moment.
        has_platform: Whether the settings name one. If not, its cursor holds for 30 days more.
        is_dry: Change nothing.
    """
    con.execute("SET statement_timeout = 0")  # a large day takes minutes, and holds up nobody
    con.execute(
        f"SET lock_timeout = {WAITS_MS}".encode()
    )  # whoever waits for the whole table holds up everybody
    if not is_dry and not has_platform:
        con.execute(
            "DELETE FROM platform_cursor WHERE updated_at < %s", (now - timedelta(days=30),)
        )
    run = _Run(con, rules, now, _bound(con), is_dry)
    done = Retained(others=_others(run))
    for day in sorted(days_of_partitions(con)):
        age = (run.today - day).days
        done = _whole_day(run, day, done) if age > rules.ordinary else _part_of(run, day, done)
    return replace(done, rows=done.rows + _delete(run, "event_default"))


def _bound(con: Connection) -> int:
    """Return the last row that may go: one that is written, and that the platform has had."""
    written = settled(con)
    row = con.execute("SELECT row_id FROM platform_cursor").fetchone()
    return written if row is None else min(int(row[0]), written)


def _whole_day(run: _Run, day: date, done: Retained) -> Retained:
    if _has_above(run.con.cursor(), run, name_of(day)):
        return replace(done, held=done.held + 1)
    moved = _count(run, name_of(day), "NOT ") if run.is_dry else _drop_day(run, day)
    if moved is None:
        return replace(done, held=done.held + 1)
    return replace(done, days=done.days + 1, moved=done.moved + moved)


def _drop_day(run: _Run, day: date) -> int | None:
    """Drop a day's partition; return how many events moved. None: the platform needs it still."""
    con, name = run.con, name_of(day)
    values = run.values
    # What stays is looked for before anybody has to wait.
    con.execute(
        f"CREATE TEMPORARY TABLE staying ON COMMIT PRESERVE ROWS AS SELECT * FROM {name} "  # noqa: S608
        f"WHERE row_id <= %(bound)s AND NOT ({_IS_OVER})".encode(),
        values,
    )
    try:
        with con.transaction(), con.cursor() as cursor:
            cursor.execute("LOCK TABLE ONLY event IN ACCESS EXCLUSIVE MODE")
            if _has_above(cursor, run, name):  # written meanwhile
                return None
            cursor.execute(f"ALTER TABLE event DETACH PARTITION {name}".encode())
            cursor.execute("INSERT INTO event SELECT * FROM staying")
            moved = cursor.rowcount
            cursor.execute(f"DROP TABLE {name}".encode())
            cursor.execute("DELETE FROM retained_day WHERE day = %s", (day,))
        log.info("dropped the events of %s; %d of them are kept longer", day, moved)
        return moved
    finally:
        if not con.closed:
            con.execute("DROP TABLE IF EXISTS staying")


def _part_of(run: _Run, day: date, done: Retained) -> Retained:
    """Delete what of a day is not kept; its partition is read once for each time that ends."""
    age = (run.today - day).days
    over = [*run.rules.over(age), *(f"{name} late" for name in run.rules.over(age - _LATE_DAYS))]
    row = run.con.execute("SELECT over FROM retained_day WHERE day = %s", (day,)).fetchone()
    if not over or (row is not None and row[0] == over):
        return done
    deleted = _delete(run, name_of(day))
    is_held = _has_above(run.con.cursor(), run, name_of(day))
    if not is_held and not run.is_dry:
        run.con.execute(
            "INSERT INTO retained_day(day, over) VALUES (%s, %s) "
            "ON CONFLICT (day) DO UPDATE SET over = excluded.over",
            (day, over),
        )
    return replace(done, rows=done.rows + deleted, held=done.held + is_held)


def _delete(run: _Run, name: str) -> int:
    if run.is_dry:
        return _count(run, name)
    query = f"DELETE FROM {name} WHERE row_id <= %(bound)s AND {_IS_OVER}"  # noqa: S608
    return run.con.execute(query.encode(), run.values).rowcount


def _count(run: _Run, name: str, negated: str = "") -> int:
    query = f"SELECT count(*) FROM {name} WHERE row_id <= %(bound)s AND {negated}({_IS_OVER})"  # noqa: S608
    row = run.con.execute(query.encode(), run.values).fetchone()
    return int(row[0]) if row else 0


def _has_above(cursor: Cursor, run: _Run, name: str) -> bool:
    query = f"SELECT EXISTS (SELECT FROM {name} WHERE row_id > %s)"  # noqa: S608
    row = cursor.execute(query.encode(), (run.bound,)).fetchone()
    return row is not None and bool(row[0])


# ---- what is not an event ---------------------------------------------------------------------


_OTHERS: Final = (
    ("dead_letter", "at < %(ordinary)s"),
    ("dead_letter_untaken", "last_at < %(ordinary)s"),
    ("device_health", "at < %(health)s"),
    ("command", "asked_at < %(answers)s"),
)


def _others(run: _Run) -> int:
    before = {
        "ordinary": run.now - timedelta(days=run.rules.ordinary),
        "health": run.now - timedelta(days=run.rules.of("health")),
        "answers": run.now - timedelta(days=run.rules.answers),
    }
    done = 0
    for table, condition in _OTHERS:
        there = run.con.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone()
        if there is None or not there[0]:
            continue  # the fleet server has never run here
        if run.is_dry:
            query = f"SELECT count(*) FROM {table} WHERE {condition}"  # noqa: S608
            row = run.con.execute(query.encode(), before).fetchone()
            done += int(row[0]) if row else 0
        else:
            query = f"DELETE FROM {table} WHERE {condition}"  # noqa: S608
            done += run.con.execute(query.encode(), before).rowcount
    return done
