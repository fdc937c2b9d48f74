"""Publish what is written for devices, through the bridge's own connection, until it is acknowledged.

One bridge at a time does it. Of each device and kind one message is on its way, so that a later one
never overtakes an earlier one, which the device would then refuse as old. "Nobody is subscribed"
means that the broker keeps it for nobody: such a device is left in peace until its next birth, or
for a while.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, LiteralString

from edge.central.postgres import Connection, connect, storing
from edge.core.clock import Clock
from edge.core.errors import UnavailableError
from edge.sync.mqtt import MqttConnection
from edge.wire.topics import CentralTopics

log = logging.getLogger(__name__)

_RIGHT: Final = 0x63757370
_EVERY_S: Final = 0.25
_PAUSE_S: Final = 5.0
_MOST: Final = 10
_NOBODY: Final = 0x10
_REFUSED: Final = 0x80
_QUIET: Final = timedelta(minutes=5)
_PROFILE_EXPIRY_S: Final = 2 * 86_400
"""Its day keys are written anew each day."""
_NEXT: Final[LiteralString] = """
SELECT DISTINCT ON (m.device, m.kind) m.number, m.device, m.kind, m.payload
FROM customer_message m JOIN customer_place p ON p.device = m.device
WHERE m.published_at IS NULL AND p.quiet_until <= %s
  AND NOT (m.device || ' ' || m.kind) = ANY(%s)
ORDER BY m.device, m.kind, m.number LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class _Sent:
    number: int
    device: str
    kind: str

    @property
    def way(self) -> str:
        return f"{self.device} {self.kind}"


class Publishing:
    """Speaks through a worker's connection, in the worker's thread (``Speaking``)."""

    def __init__(
        self,
        database: str,
        topics: CentralTopics,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._topics = topics
        self._clock = clock
        self._monotonic = monotonic
        self._con: Connection | None = None
        self._look_at_s = 0.0
        self._on_their_way: dict[int, _Sent] = {}
        self._answered: list[tuple[_Sent, int]] = []

    def turn(self, connection: MqttConnection) -> None:
        """Note what was acknowledged, and publish what is due; does nothing most of the time."""
        now_s = self._monotonic()
        if now_s < self._look_at_s:
            return
        self._look_at_s = now_s + _EVERY_S
        try:
            with storing():
                con = self._connected()
                if con is not None:
                    self._note(con)
                    self._publish(con, connection)
                    return
        except UnavailableError as error:
            log.warning("nothing is published to devices now: %s", error)
            self.close()
        self._look_at_s = now_s + _PAUSE_S

    def acknowledged(self, number: int, reason: int) -> bool:
        """Take the broker's answer; False: it is to somebody else's message."""
        sent = self._on_their_way.pop(number, None)
        if sent is None:
            return False
        self._answered.append((sent, reason))
        self._look_at_s = 0.0
        return True

    def lost(self) -> None:
        """The connection is gone: what had no answer is published again."""
        self._on_their_way.clear()

    def close(self) -> None:
        """Drop the connection to PostgreSQL, and with it the right to publish."""
        con, self._con = self._con, None
        if con is not None:
            con.close()

    def _note(self, con: Connection) -> None:
        while self._answered:
            sent, reason = self._answered[0]
            if reason == _NOBODY or reason >= _REFUSED:
                if reason >= _REFUSED:
                    log.warning("the broker refused a message to %s: %#x", sent.device, reason)
                con.execute(
                    "UPDATE customer_place SET quiet_until = %s WHERE device = %s",
                    (self._clock() + _QUIET, sent.device),
                )
            else:
                con.execute(
                    "UPDATE customer_message SET published_at = %s WHERE number = %s",
                    (self._clock(), sent.number),
                )
            self._answered.pop(0)

    def _publish(self, con: Connection, connection: MqttConnection) -> None:
        room = _MOST - len(self._on_their_way)
        if room <= 0 or not connection.is_connected:
            return
        busy = [sent.way for sent in self._on_their_way.values()]
        rows = con.execute(_NEXT, (self._clock(), busy, room)).fetchall()
        for number, device, kind, payload in rows:
            expiry_s = _PROFILE_EXPIRY_S if kind == "profile" else None
            mid = connection.publish(
                self._topics.to(device, kind), bytes(payload), expiry_s=expiry_s
            )
            self._on_their_way[mid] = _Sent(number, device, kind)

    def _connected(self) -> Connection | None:
        """Return the connection that holds the right to publish; None: another bridge has it."""
        if self._con is not None:
            return self._con
        con = connect(self._database, name="bridge customers")
        try:
            con.autocommit = True
            row = con.execute("SELECT pg_try_advisory_lock(%s)", (_RIGHT,)).fetchone()
            if row is None or not row[0]:
                con.close()
                return None
        except BaseException:
            con.close()
            raise
        self._con = con
        return con
