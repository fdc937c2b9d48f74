"""Which site a device was enrolled for: what it says of itself is held against this.

The broker vouches for a device's name and nothing more. Its site stands in its own messages, and
decides whose sales an event counts among, and which wave of a rollout it belongs to. The ledger of
who was enrolled knows better. A device that is not in the ledger, or a fleet without one, is
believed: there is nothing to hold it against.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final, LiteralString

from edge.central.postgres import Cursor

_HAS_LEDGER: Final[LiteralString] = (
    "SELECT to_regclass('provision_device') IS NOT NULL AND to_regclass('provision_claim') IS NOT NULL"
)
_CURRENT: Final[LiteralString] = "SELECT device, site FROM provision_device WHERE device = ANY(%s)"
_EVER: Final[LiteralString] = """
SELECT device, site FROM provision_device WHERE device = ANY(%s)
UNION SELECT device, site FROM provision_claim WHERE device = ANY(%s) AND used_at IS NOT NULL
"""


def site_of(cursor: Cursor, devices: Collection[str]) -> Mapping[str, str]:
    """Return the site that each of ``devices`` was enrolled for last; nothing for who was not."""
    if not devices or not _has_ledger(cursor):
        return {}
    return {str(device): str(site) for device, site in cursor.execute(_CURRENT, (list(devices),))}


def sites_ever(cursor: Cursor, devices: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return every site that each of ``devices`` was enrolled for, at any time.

    An event may wait in a device's outbox while the device moves to another shop.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    if devices and _has_ledger(cursor):
        names = list(devices)
        for device, site in cursor.execute(_EVER, (names, names)):
            found[str(device)].add(str(site))
    return found


def _has_ledger(cursor: Cursor) -> bool:
    row = cursor.execute(_HAS_LEDGER).fetchone()
    return row is not None and bool(row[0])
