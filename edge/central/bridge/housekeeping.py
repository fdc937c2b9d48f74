"""What the bridge does once a day: partitions ahead of time, and what is not kept any longer goes.

Each worker looks; one of them does it, and the day is noted, so that the others need not.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.central.bridge.figures import Figures
from edge.central.bridge.partitions import make_partitions
from edge.central.bridge.retention import Retention
from edge.central.bridge.retention_rows import Retained, retain
from edge.central.postgres import Connection, connect, storing
from edge.core.clock import Clock

log = logging.getLogger(__name__)

LONGEST_ABSENCE: Final = timedelta(days=31)
"""After this, or with a clock that jumped, nothing is deleted before a person has looked."""
_LOCK: Final = 0x62726474


@dataclass(slots=True)
class Housekeeping:
    """Asks once a day; used from one thread."""

    database: str
    clock: Clock
    figures: Figures
    has_platform: bool
    _done_for: datetime | None = None

    def turn(self) -> None:
        """Do what is due today, unless it is done.

        Raises:
            UnavailableError: PostgreSQL is away, or too busy for it; it is due again.
        """
        now = self.clock()
        if self._done_for is not None and self._done_for.date() == now.date():
            return
        with storing(), connect(self.database, name="bridge housekeeping") as con:
            con.autocommit = True
            make_partitions(con, now.date())
            done = keep_retention(con, now, has_platform=self.has_platform)
        if done is not None:
            self.figures.retained(done, now)
        self._done_for = now


def keep_retention(con: Connection, now: datetime, *, has_platform: bool) -> Retained | None:
    """Delete what is not kept any longer, once a day over all workers; None: not this time."""
    row = con.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    if row is None or not row[0]:
        return None
    ran_on = con.execute("SELECT ran_on FROM retention_run").fetchone()
    if ran_on is not None and ran_on[0] >= now.date():
        return None
    if ran_on is not None and now.date() - ran_on[0] > LONGEST_ABSENCE:
        log.error(
            "nothing is deleted: the last time was %s, and the clock says %s; look at the clock, "
            "then run `edge bridge retain`",
            ran_on[0],
            now.date(),
        )
        return None
    done = retain(con, Retention.shipped(), now, has_platform=has_platform)
    note_run(con, now)
    log.info(
        "deleted %d days and %d events; %d moved, %d days held for the platform",
        *(done.days, done.rows, done.moved, done.held),
    )
    return done


def note_run(con: Connection, now: datetime) -> None:
    """Note that today's is done."""
    con.execute(
        "INSERT INTO retention_run(ran_on) VALUES (%s) "
        "ON CONFLICT (is_only) DO UPDATE SET ran_on = excluded.ran_on",
        (now.date(),),
    )
