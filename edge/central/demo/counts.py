"""Whether what devices acknowledged to shoppers is at central, by id, once.

Beside it every number that a device gave an event of its own, in each lane: none may be missing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from edge.central.postgres import connect, storing

_BY_ID: Final[LiteralString] = """
SELECT count(*), count(DISTINCT event_id) FROM event
WHERE device = %s AND event_id = ANY(%s::uuid[])
"""
_STREAMS: Final[LiteralString] = """
SELECT coalesce(sum(arrived), 0)::bigint, coalesce(sum(highest_seq - arrived), 0)::bigint,
       coalesce(sum(dropped), 0)::bigint
FROM high_water WHERE device = %s
"""
_ROWS: Final[LiteralString] = (
    "SELECT count(*), count(DISTINCT event_id) FROM event WHERE device = %s"
)
_DEAD: Final[LiteralString] = "SELECT count(*) FROM dead_letter"


@dataclass(frozen=True, slots=True)
class DeviceCount:
    """One device's events."""

    device: str
    acknowledged: int
    found: int
    """Rows in PostgreSQL with one of these ids."""
    ids: int
    """Different ids among them."""
    rows: int
    """All rows of the device, with what it says of itself."""
    row_ids: int
    missing: int
    """Numbers of its lanes that never came."""

    @property
    def agrees(self) -> bool:
        """Say whether each is there, once."""
        is_whole = self.acknowledged == self.found == self.ids and self.missing == 0
        return is_whole and self.rows == self.row_ids


def count(database: str, acknowledged: Mapping[str, Collection[str]]) -> Sequence[DeviceCount]:
    """Count every device's events.

    Raises:
        StorageUnavailableError: The database is not there.
    """
    counted = []
    with storing(), connect(database, name="fleet demo") as con:
        for device, ids in acknowledged.items():
            found, different = con.execute(_BY_ID, (device, list(ids))).fetchone() or (0, 0)
            rows, row_ids = con.execute(_ROWS, (device,)).fetchone() or (0, 0)
            _, missing, _ = con.execute(_STREAMS, (device,)).fetchone() or (0, 0, 0)
            counted.append(DeviceCount(device, len(ids), found, different, rows, row_ids, missing))
    return counted


def dead_letters(database: str) -> int:
    """Return how many messages nobody could read."""
    with storing(), connect(database, name="fleet demo") as con:
        row = con.execute(_DEAD).fetchone()
    return int(row[0]) if row else 0
