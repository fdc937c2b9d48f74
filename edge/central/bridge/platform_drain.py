"""From PostgreSQL to the platform, at the platform's own pace.

The bridge's workers know nothing of it: while the platform is away, events go on into PostgreSQL. How
far it has come is one row, ``platform_cursor``. Several bridges may run this; one of them drains.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import orjson

from edge.central.bridge.carrying import letters_of
from edge.central.bridge.dead_letters import bury
from edge.central.bridge.reading import DeadLetter, Incoming
from edge.central.bridge.settled import settled
from edge.central.bridge.sink import Arrived, Sink
from edge.central.postgres import Connection, connect, storing
from edge.core.clock import Clock
from edge.wire.topics import Topics

PAGE: Final = 1_000
_DRAINING_LOCK: Final = 0x62726463
MOST_BYTES: Final = 64 * 1024
"""Of one event as text: twice what a device may send. PostgreSQL writes 1e-300 as 302 characters."""
_READ: Final[LiteralString] = f"""
SELECT row_id, tenant, site, device, epoch, lane, seq, event_id::text, time,
  CASE WHEN octet_length(written.body) <= {MOST_BYTES} THEN written.body END, received_at
FROM event, LATERAL (SELECT event.body::text AS body OFFSET 0) written
WHERE row_id > %s AND row_id <= %s ORDER BY row_id LIMIT %s
"""  # noqa: S608 - a constant of this module


@dataclass(frozen=True, slots=True)
class Drained:
    """What one turn did."""

    sent: int = 0
    refused: int = 0
    has_more: bool = False


class PlatformDrain:
    """Sends what the platform has not had; used from one thread."""

    def __init__(self, database: str, sink: Sink, clock: Clock) -> None:
        self._database = database
        self._sink = sink
        self._clock = clock
        self._con: Connection | None = None
        self._bound = 0

    def turn(self) -> Drained:
        """Send one page, in order of arrival, and note that it was sent.

        Raises:
            UnavailableError: PostgreSQL or the platform is away; the same page comes next.
        """
        try:
            with storing():
                con = self._connected()
                return Drained() if con is None else self._drain(con)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection, and with it the right to drain."""
        con, self._con = self._con, None
        if con is not None:
            con.close()

    def _drain(self, con: Connection) -> Drained:
        cursor = _cursor(con)
        if cursor >= self._bound:
            self._bound = settled(con)
        with con.transaction():
            rows = con.execute(_READ, (cursor, self._bound, PAGE)).fetchall()
        if not rows:
            # Numbers of batches that were undone lie between.
            self._note(con, self._bound, ())
            return Drained()
        written = self._sink.write([_arrived(row) for row in rows if row[9] is not None])
        dead = letters_of(written.refused, "platform")
        dead += [_too_large(row) for row in rows if row[9] is None]
        self._note(con, int(rows[-1][0]), dead)
        return Drained(written.new, len(dead), has_more=len(rows) == PAGE)

    def _note(self, con: Connection, row_id: int, dead: Sequence[DeadLetter]) -> None:
        with con.transaction(), con.cursor() as cursor:
            bury(cursor, dead)
            cursor.execute(
                "UPDATE platform_cursor SET row_id = %s, updated_at = %s WHERE row_id < %s",
                (row_id, self._clock(), row_id),
            )

    def _connected(self) -> Connection | None:
        """Return the connection that holds the right to drain; None: another bridge has it."""
        if self._con is not None:
            return self._con
        con = connect(self._database, name="bridge platform")
        try:
            con.autocommit = True
            row = con.execute("SELECT pg_try_advisory_lock(%s)", (_DRAINING_LOCK,)).fetchone()
            if row is None or not row[0]:
                con.close()
                return None
            con.execute(
                "INSERT INTO platform_cursor(row_id, updated_at) VALUES (0, %s) "
                "ON CONFLICT DO NOTHING",
                (self._clock(),),
            )
        except BaseException:
            con.close()
            raise
        self._con = con
        return con


def _cursor(con: Connection) -> int:
    row = con.execute("SELECT row_id FROM platform_cursor").fetchone()
    return int(row[0]) if row else 0


def _arrived(row: tuple[Any, ...]) -> Arrived:
    _, tenant, site, device, epoch, lane, seq, event_id, at, body, received_at = row
    raw = body.encode()
    return Arrived(
        tenant, site, device, epoch, lane, seq, event_id, at, orjson.loads(raw), raw, received_at
    )


def _too_large(row: tuple[Any, ...]) -> DeadLetter:
    _, tenant, site, device, _, lane, _, event_id, _, _, received_at = row
    why = f"wanted at most {MOST_BYTES} bytes of text, got more; it is in the table event"
    topic = Topics(tenant, site, device).events(lane)
    named = Incoming(topic, orjson.dumps({"id": event_id}))
    return DeadLetter(named, tenant, device, why, received_at, "platform")
