"""What the broker answered, noted in the outbox.

``alone`` is for a full disk: only what commits by itself may use the reserve, and without noting
what was delivered the outbox could not shrink.
"""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future

from edge.store.outbox import Outbox
from edge.store.writer import Writer


class Receipts:
    """Takes answers of the broker; each method's future resolves after the commit."""

    def __init__(self, writer: Writer, outbox: Outbox) -> None:
        self._writer = writer
        self._outbox = outbox

    def acknowledge(self, event_ids: Sequence[str], *, alone: bool = False) -> Future[None]:
        """Forget events that central has."""

        def work(con: sqlite3.Connection) -> None:
            self._outbox.acknowledge(con, event_ids)

        return self._writer.submit(work, alone=alone)

    def refuse(self, event_ids: Sequence[str], *, alone: bool = False) -> Future[None]:
        """Count an attempt the broker turned down; such an event goes alone from then on."""

        def work(con: sqlite3.Connection) -> None:
            self._outbox.refused(con, event_ids)

        return self._writer.submit(work, alone=alone)

    def bury(self, event_ids: Sequence[str], why: str, *, alone: bool = False) -> Future[None]:
        """Set events aside that can never be delivered."""

        def work(con: sqlite3.Connection) -> None:
            for event_id in event_ids:
                self._outbox.dead_letter(con, event_id, why)

        return self._writer.submit(work, alone=alone)
