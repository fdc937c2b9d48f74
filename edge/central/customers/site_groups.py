"""Which shop group a shop belongs to: the first word of its devices stands until a person changes it.

A group decides whose customers a device is told of. Were it the device's own word for ever, one
hostile device could name another group and be told that group's customers.
"""

from typing import Final, LiteralString

from edge.central.postgres import Cursor

_LEARN: Final[LiteralString] = """
INSERT INTO customer_site_group(site, group_id) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""
_MOVE: Final[LiteralString] = """
INSERT INTO customer_site_group(site, group_id) VALUES (%s, %s)
ON CONFLICT (site) DO UPDATE SET group_id = excluded.group_id
"""


def is_of_group(cur: Cursor, site: str, said: int) -> bool:
    """Return whether the shop is of the group that a device of it names; the first word is learned."""
    cur.execute(_LEARN, (site, said))
    cur.execute("SELECT group_id FROM customer_site_group WHERE site = %s", (site,))
    row = cur.fetchone()
    return row is not None and row[0] == said


def move(cur: Cursor, site: str, group: int) -> None:
    """Have the shop belong to ``group`` from now on: what its devices say of another counts no more.

    Its devices are told of nobody until they are born again with that group.
    """
    cur.execute(_MOVE, (site, group))
    cur.execute("DELETE FROM customer_place WHERE site = %s AND group_id <> %s", (site, group))
