"""Up to which number every row of ``event`` is written, or never will be.

Numbers of rows are given out before they are committed, so a lower one may appear after a higher
one. Writers therefore hold a lock, shared, for as long as they write; whoever gets it alone knows that
all numbers given out so far are either in the table or never will be.
"""

from typing import Final, LiteralString

from edge.central.bridge.schema import WRITING_LOCK
from edge.central.postgres import Connection

_BOUND: Final[LiteralString] = "SELECT coalesce(pg_sequence_last_value('event_row'), 0)"


def settled(con: Connection) -> int:
    """Return a number up to which no row can appear any more."""
    with con.transaction():
        con.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING_LOCK,))
        row = con.execute(_BOUND).fetchone()
        return int(row[0]) if row else 0
