"""What may be seen of customers at central: counts and times. No key, no wish, no product."""

from typing import Any, Final, LiteralString

from edge.central.customers import consent_rows
from edge.central.postgres import Cursor
from edge.core.clock import Clock
from edge.identity.consent import purposes_in_force
from edge.wire.cloudevents import rfc3339

_COUNTS: Final[LiteralString] = """
SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM customer_erased),
  (SELECT count(*) FROM customer_message WHERE published_at IS NULL),
  (SELECT count(*) FROM customer_message WHERE published_at IS NOT NULL),
  (SELECT count(*) FROM customer_audit_head WHERE was_cut)
"""
_PLACES: Final[LiteralString] = """
SELECT p.device, p.site, p.is_online, p.conn_seq IS NOT NULL, p.renewed_day,
  (SELECT count(*) FROM customer_device d WHERE d.device = p.device AND NOT d.let_go),
  (SELECT count(*) FROM customer_message m WHERE m.device = p.device AND m.published_at IS NULL),
  (SELECT count(*) FROM customer_message m WHERE m.device = p.device
    AND m.published_at IS NOT NULL)
FROM customer_place p ORDER BY p.device
"""
_ONE: Final[LiteralString] = """
SELECT c.site, c.group_id, c.since_at,
  (SELECT count(*) FROM consent_event e WHERE e.pseudonym = c.pseudonym),
  (SELECT count(*) FROM customer_device d WHERE d.pseudonym = c.pseudonym AND NOT d.let_go)
FROM customer c WHERE c.pseudonym = %s
"""


def counts(cur: Cursor) -> dict[str, int]:
    """Return how many there are of everything."""
    row = cur.execute(_COUNTS).fetchone() or (0,) * 5
    names = ("customers", "erased", "messages_waiting", "messages_unconfirmed", "audit_logs_cut")
    return dict(zip(names, row, strict=True))


def places(cur: Cursor) -> list[dict[str, Any]]:
    """Return the devices that take messages about customers."""
    names = ("device", "site", "is_online", "has_birth", "renewed_day", "customers")
    more = ("messages_waiting", "messages_unconfirmed")
    return [dict(zip((*names, *more), row, strict=True)) for row in cur.execute(_PLACES).fetchall()]


def customer(cur: Cursor, pseudonym: bytes, clock: Clock) -> dict[str, Any] | None:
    """Return counts of one customer, or None."""
    row = cur.execute(_ONE, (pseudonym,)).fetchone()
    if row is None:
        return None
    site, group, since_at, consents, devices = row
    in_force = purposes_in_force(consent_rows.of(cur, pseudonym), clock())
    return {
        "site": site,
        "group": group,
        "since_at": rfc3339(since_at),
        "consent_events": consents,
        "purposes_in_force": len(in_force),
        "devices": devices,
    }
