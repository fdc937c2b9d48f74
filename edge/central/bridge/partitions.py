"""One partition of ``event`` for each day, made before the day comes.

An event of a day without a partition goes into the default one; when its day's partition is made
late, it moves there.
"""

import re
from datetime import date, timedelta
from typing import Final, LiteralString

from edge.central.postgres import Connection, Cursor

DAYS_BACK: Final = 31
"""The longest absence that is promised, and a day."""
DAYS_AHEAD: Final = 7
_LOCK: Final = 0x62726470
_NAME: Final = re.compile("event_[0-9]{8}")
_THERE: Final[LiteralString] = (
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'event'::regclass"
)


def make_partitions(con: Connection, today: date) -> int:
    """Make what is missing around ``today`` and return how many were made."""
    wanted = [today + timedelta(days=n) for n in range(-DAYS_BACK, DAYS_AHEAD + 1)]
    with con.transaction(), con.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        there = days_of_partitions(cursor)
        missing = [day for day in wanted if day not in there]
        for day in missing:
            _make(cursor, day)
        return len(missing)


def days_of_partitions(to_ask: Connection | Cursor) -> frozenset[date]:
    """Return the days that have a partition of their own."""
    rows = to_ask.execute(_THERE).fetchall()
    names = (str(name) for (name,) in rows)
    return frozenset(_day_of(name) for name in names if _NAME.fullmatch(name))


def name_of(day: date) -> str:
    """Return what the partition of ``day`` is called."""
    return f"event_{day:%Y%m%d}"


def _day_of(name: str) -> date:
    return date.fromisoformat(name.removeprefix("event_"))


def _make(cursor: Cursor, day: date) -> None:
    # Names and bounds are made of digits. Attaching locks the default partition only, not the
    # table; writers of other days go on.
    name, following = name_of(day), day + timedelta(days=1)
    bounds = f"FOR VALUES FROM ('{day}') TO ('{following}')"
    moved = f"DELETE FROM event_default WHERE day = '{day}' RETURNING *"  # noqa: S608
    for statement in (
        f"CREATE TABLE {name} (LIKE event INCLUDING ALL)",
        "LOCK TABLE event_default IN ACCESS EXCLUSIVE MODE",
        f"WITH moved AS ({moved}) INSERT INTO {name} SELECT * FROM moved",  # noqa: S608
        f"ALTER TABLE event ATTACH PARTITION {name} {bounds}",
    ):
        cursor.execute(statement.encode())
