"""What central keeps of one customer, read in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, LiteralString

from edge.central.customers import consent_rows, profiles
from edge.central.customers.row_key import RowKey
from edge.central.postgres import Cursor
from edge.identity.consent import ConsentEvent, Purpose, grants_in_force
from edge.identity.profile import Profile, kept_for

_CUSTOMER: Final[LiteralString] = """
SELECT site, group_id, language, since_at,
  (SELECT count(*) FROM customer_device d WHERE d.pseudonym = c.pseudonym AND NOT d.let_go)
FROM customer c WHERE pseudonym = %s
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One customer as central knows them; nothing that they do not allow is in it."""

    pseudonym: bytes = field(repr=False)
    site: str
    group: int
    language: str
    since_at: datetime
    devices: int
    """How many devices know them."""
    consents: tuple[ConsentEvent, ...] = field(repr=False)
    grants: Mapping[Purpose, ConsentEvent] = field(repr=False)
    profile: Profile = field(repr=False)


def kept(cur: Cursor, row_key: RowKey, pseudonym: bytes, now: datetime) -> Kept | None:
    """Return what is kept of somebody; None: nothing (any more)."""
    row = cur.execute(_CUSTOMER, (pseudonym,)).fetchone()
    if row is None:
        return None
    consents = consent_rows.of(cur, pseudonym)
    grants = grants_in_force(consents, now)
    profile = kept_for(profiles.profile_of(cur, row_key, pseudonym), grants)
    site, group, language, since_at, devices = row
    return Kept(pseudonym, site, group, language, since_at, devices, consents, grants, profile)
