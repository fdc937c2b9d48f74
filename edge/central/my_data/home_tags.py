"""Whose home key it is: one look by its tag, however many customers there are."""

from dataclasses import dataclass, field
from typing import Final, LiteralString

from edge.central.customers.row_key import RowKey
from edge.central.postgres import Connection, Cursor
from edge.identity.home_key import home_key, home_tag

PAGE: Final = 500
_UNTAGGED: Final[LiteralString] = """
SELECT pseudonym, beacon_key, group_id FROM customer WHERE home_tag IS NULL
ORDER BY pseudonym LIMIT %s FOR UPDATE SKIP LOCKED
"""
_TAG: Final[LiteralString] = """
UPDATE customer c SET home_tag = t.tag
FROM unnest(%s::bytea[], %s::bytea[]) AS t(pseudonym, tag) WHERE c.pseudonym = t.pseudonym
"""
_CLAIMED: Final[LiteralString] = """
SELECT pseudonym, beacon_key, group_id FROM customer WHERE home_tag = %s
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who is said to ask, and the key that only they have; nothing is proven yet."""

    pseudonym: bytes = field(repr=False)
    home_key: bytes = field(repr=False)


def claimed(cur: Cursor, row_key: RowKey, tag: bytes) -> Claimed | None:
    """Return whose tag it is, or None."""
    row = cur.execute(_CLAIMED, (tag,)).fetchone()
    return None if row is None else _claimed(row_key, row)


def tag_new(con: Connection, row_key: RowKey, most: int = PAGE) -> int:
    """Give customers who have come since their tags, ``most`` at a time; return how many got one."""
    with con.transaction(), con.cursor() as cur:
        found = [_claimed(row_key, row) for row in cur.execute(_UNTAGGED, (most,)).fetchall()]
        if found:
            tags = [home_tag(one.home_key) for one in found]
            cur.execute(_TAG, ([one.pseudonym for one in found], tags))
    return len(found)


def _claimed(row_key: RowKey, row: tuple[bytes, bytes, int]) -> Claimed:
    pseudonym = bytes(row[0])
    beacon_key = row_key.open(bytes(row[1]), pseudonym)
    return Claimed(pseudonym, home_key(beacon_key, int(row[2])))
