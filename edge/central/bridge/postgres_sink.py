"""Events into PostgreSQL: a batch is one COPY, one INSERT, and one commit.

An event is the same if its id and its device are (``event``'s primary key); a repeat does nothing.
What follows an event (``Follow``), the newest health and the high-water marks are written in the
same transaction, from new events only, so each has its effect once. An event that comes when its time
is over (``retention``) is not written, and its number is noted all the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Final, LiteralString

from edge.central.bridge.health_rows import follow_health
from edge.central.bridge.high_water_rows import follow_numbers
from edge.central.bridge.retention import Retention
from edge.central.bridge.schema import WRITING_LOCK
from edge.central.bridge.sink import Arrived, Follow, Written
from edge.central.bridge.site_check import SiteCheck
from edge.central.postgres import Connection, Cursor, connect, storing
from edge.central.postgres import Refused as Unfit
from edge.core.errors import WireContractError

_ARRIVING: Final[LiteralString] = """
CREATE TEMPORARY TABLE IF NOT EXISTS arriving(
  event_id uuid, tenant text, device text, day date, site text, epoch text, lane text, seq bigint,
  type text, name text, time timestamptz, received_at timestamptz, body jsonb
) ON COMMIT DELETE ROWS
"""
_COPY: Final[LiteralString] = "COPY arriving FROM STDIN"
_INSERT: Final[LiteralString] = """
WITH written AS (
  INSERT INTO event(event_id, tenant, device, day, site, epoch, lane, seq, type, name, time,
                    received_at, body)
  SELECT event_id, tenant, device, day, site, epoch, lane, seq, type, name, time, received_at, body
  FROM arriving
  ON CONFLICT DO NOTHING
  RETURNING event_id, device, tenant
)
SELECT event_id::text, device, tenant FROM arriving EXCEPT ALL
SELECT event_id::text, device, tenant FROM written
"""
"""Returns the repeats: nearly always none."""
_IDS: Final = attrgetter("event_id", "device")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class PostgresSink:
    """Writes through one connection of its own, from one thread; connects again when it must."""

    def __init__(
        self, database: str, *, name: str = "bridge", follow: Sequence[Follow] = ()
    ) -> None:
        """Make a sink.

        Args:
            database: PostgreSQL's address.
            name: What the server's administrator sees.
            follow: What is done in the same transaction with what is new.
        """
        self._database = database
        self._name = name
        self._follow = (*follow, follow_health)
        self._retention = Retention.shipped()
        self._con: Connection | None = None
        self._sites = SiteCheck()

    def write(self, batch: Sequence[Arrived]) -> Written:
        """Write ``batch`` and commit.

        Raises:
            UnavailableError: PostgreSQL is away; nothing of the batch is known to be written.
            WireContractError: It holds a value that PostgreSQL refuses; nothing is written.
        """
        # One order for all, so that two workers with the same events cannot wait for each other.
        single = {(one.event_id, one.device, one.tenant): one for one in batch}
        ordered = sorted(single.values(), key=_IDS)
        if not ordered:
            return Written()
        try:
            with storing():
                written = self._write(self._connected(), ordered)
        except Unfit as error:
            # Its own words may quote the value.
            msg = f"wanted events that PostgreSQL can keep, got one it refuses ({error.sqlstate})"
            raise WireContractError(msg) from error
        except BaseException:
            self.close()
            raise
        repeats = len(batch) - written.new - written.late - len(written.refused)
        return replace(written, repeats=repeats)

    def check(self) -> None:
        """Ask whether it would answer.

        Raises:
            UnavailableError: It would not.
        """
        try:
            with storing():
                con = self._connected()
                con.execute("SELECT 1")
                con.rollback()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection; the next batch makes another."""
        con, self._con = self._con, None
        if con is not None:
            con.close()

    def _write(self, con: Connection, ordered: Sequence[Arrived]) -> Written:
        late = [one for one in ordered if self._retention.is_over(one)]
        if late:
            ordered = _without(ordered, late)
        with con.transaction(), con.cursor() as cursor:
            refused = self._sites.refused(cursor, ordered)
            if refused:
                ordered = _without(ordered, [one.arrived for one in refused])
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", (WRITING_LOCK,))
            with cursor.copy(_COPY) as copy:
                copy.write(_lines(ordered))
            cursor.execute(_INSERT)
            new = _new_of(cursor, ordered)
            if new:
                for follow in self._follow:
                    follow(cursor, new)
            if new or late:
                follow_numbers(cursor, new, late)
        return Written(len(new), late=len(late), refused=refused)

    def _connected(self) -> Connection:
        if self._con is None:
            self._con = connect(self._database, name=self._name)
            with self._con.transaction():
                self._con.execute(_ARRIVING)
        return self._con


def _without(ordered: Sequence[Arrived], some: Sequence[Arrived]) -> Sequence[Arrived]:
    keys = {one.key for one in some}
    return [one for one in ordered if one.key not in keys]


def _new_of(cursor: Cursor, ordered: Sequence[Arrived]) -> Sequence[Arrived]:
    repeats = set(cursor.fetchall())
    return [one for one in ordered if one.key not in repeats] if repeats else ordered


def _lines(batch: Sequence[Arrived]) -> bytes:
    """Return ``batch`` in COPY's text format."""
    # Checked names hold nothing that it would mean otherwise; a title and a body may.
    parts: list[bytes] = []
    received: dict[datetime, str] = {}
    for tenant, site, device, epoch, lane, seq, event_id, _, event, raw, received_at in batch:
        came = received.get(received_at)
        if came is None:
            came = received[received_at] = received_at.isoformat()
        at = event["time"]
        head = (
            f"{event_id}\t{tenant}\t{device}\t{at[:10]}\t{site}\t{epoch}\t{lane}\t{seq}\t"
            f"{event['type']}\t{_escaped(event['data']['event'])}\t{at}\t{came}\t"
        )
        parts.append(head.encode())
        parts.append(raw.replace(b"\\", b"\\\\") if b"\\" in raw else raw)
        parts.append(b"\n")
    return b"".join(parts)


@lru_cache(maxsize=1_000)
def _escaped(title: str) -> str:
    return title.translate(_ESCAPES)
