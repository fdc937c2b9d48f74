"""Looking at the database for a page: quickly, never changing it, and with what was last known.

When PostgreSQL is away a page shows what it showed before, and since when that is old. Several
people who look at the same page within two seconds share one look.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from edge.central.bridge.schema import STEPS as BRIDGE
from edge.central.fleet.tables import FLEET
from edge.central.postgres import Connection, Cursor, connect, migrate, storing
from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError

T = TypeVar("T")
SHARED_FOR_S: Final = 2.0
MOST_KEPT: Final = 256
_REST_S: Final = 2.0
"""After a failure nobody else waits for the same one for so long."""


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """What was seen, and when; ``why`` it is not of now, or nothing."""

    value: T
    at: datetime
    why: str = ""

    @property
    def is_stale(self) -> bool:
        """Say whether the database could not be asked just now."""
        return bool(self.why)


class Looking:
    """Looks, remembers, and says how old it is. Safe to use from every thread."""

    def __init__(
        self, database: str, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Seen[Any], float]] = OrderedDict()
        self._is_prepared = False
        self._failed: tuple[str, float] | None = None

    def see(self, name: str, look: Callable[[Cursor], T]) -> Seen[T]:
        """Return what ``look`` finds, or found last under the same ``name``.

        Raises:
            StorageUnavailableError: The database is away, and this was never seen before.
        """
        known = self._known(name)
        if known is not None and self._monotonic() - known[1] < SHARED_FOR_S:
            return known[0]
        try:
            value = self.fresh(look)
        except StorageUnavailableError as error:
            if known is None:
                raise
            return Seen(known[0].value, known[0].at, str(error))
        seen = Seen(value, self._clock())
        with self._lock:
            self._kept[name] = (seen, self._monotonic())
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return seen

    def fresh(self, look: Callable[[Cursor], T]) -> T:
        """Return what ``look`` finds now.

        Raises:
            StorageUnavailableError: The database is away.
        """
        failed = self._failed
        if failed is not None and self._monotonic() - failed[1] < _REST_S:
            raise StorageUnavailableError(failed[0])
        try:
            with storing(), connect(self._database, name="instore-fleet-web") as con:
                self._prepare(con)
                with con.transaction(), con.cursor() as cur:
                    cur.execute("SET TRANSACTION READ ONLY")
                    found = look(cur)
        except StorageUnavailableError as error:
            self._failed = (str(error), self._monotonic())
            raise
        self._failed = None
        return found

    def forget(self) -> None:
        """Look anew at the next page: somebody has just changed something."""
        with self._lock:
            self._kept = OrderedDict((name, (seen, -1e9)) for name, (seen, _) in self._kept.items())

    def _known(self, name: str) -> tuple[Seen[Any], float] | None:
        with self._lock:
            return self._kept.get(name)

    def _prepare(self, con: Connection) -> None:
        if not self._is_prepared:
            migrate(con, FLEET, BRIDGE)
            con.commit()
            self._is_prepared = True
