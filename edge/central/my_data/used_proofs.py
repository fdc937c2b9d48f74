"""A proof opens once at all processes together, and not again after a restart.

Each process remembers by itself what was shown to it (``Proving``); what opened something is written
down here for the others, for as long as a proof could be accepted.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final, LiteralString

from edge.central.postgres import Connection
from edge.identity.proof import mark_of

KEPT: Final = timedelta(minutes=5)
"""A proof is accepted for two: one before its moment and one after."""
_USE: Final[LiteralString] = """
INSERT INTO my_data_used(digest, at) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""


def is_first_use(con: Connection, code: str, now: datetime) -> bool:
    """Take note that ``code``, which was found good, opens something; False: it has before."""
    digest = hashlib.sha256(b"instore home proof 1" + mark_of(code)).digest()
    with con.transaction(), con.cursor() as cur:
        cur.execute("DELETE FROM my_data_used WHERE at < %s", (now - KEPT,))
        return cur.execute(_USE, (digest, now)).rowcount == 1
