"""Which devices take messages about customers: what their birth documents say of themselves.

The server of central ops hears births and keeps them (``device``, edge/central/fleet/tables.py);
a birth also says which messages the device has taken. Those are deleted; the others are published
again, so that a device that was away for weeks, longer than any broker keeps a session, still gets
every erasure.
"""

import logging
from dataclasses import dataclass
from typing import Annotated, Any, Final, LiteralString

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.central.customers.site_groups import is_of_group
from edge.central.postgres import Cursor
from edge.core.errors import EdgeError
from edge.wire.signed import Stamp

log = logging.getLogger(__name__)

NO_GROUP: Final = -1
"""Of a device that names another group than its shop's: no customer has it, and erasures still come."""

_NEW: Final[LiteralString] = """
SELECT d.device, d.site, d.epoch, d.conn_seq, d.is_online, d.birth
FROM device d LEFT JOIN customer_place p ON p.device = d.device
WHERE d.birth ? 'exchange_key' AND (p.device IS NULL OR p.conn_seq IS NULL
  OR p.conn_seq <> d.conn_seq OR p.epoch <> d.epoch OR p.is_online <> d.is_online)
ORDER BY d.device LIMIT 500
"""
_KEEP: Final[LiteralString] = """
INSERT INTO customer_place(device, site, group_id, exchange_key, conn_seq, epoch, is_online)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (device) DO UPDATE SET site = excluded.site, group_id = excluded.group_id,
  exchange_key = excluded.exchange_key, conn_seq = excluded.conn_seq, epoch = excluded.epoch,
  is_online = excluded.is_online, quiet_until = 'epoch'
"""


class _Birth(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    exchange_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    group: Annotated[int, Field(ge=0, le=4_294_967_295)]
    heard: Annotated[dict[str, Annotated[str, Field(max_length=80)]], Field(max_length=4)] = {}


@dataclass(frozen=True, slots=True)
class _Row:
    device: str
    site: str
    epoch: str
    conn_seq: int
    is_online: bool
    birth: dict[str, Any]


def look_at_births(cur: Cursor) -> int:
    """Take what devices said when they connected, in the caller's transaction; return how many."""
    cur.execute("SELECT to_regclass('device') IS NOT NULL")
    found = cur.fetchone()
    if found is None or not found[0]:
        return 0  # central ops has never run beside this database
    cur.execute(_NEW)
    rows = [_Row(*row) for row in cur.fetchall()]
    for row in rows:
        _look(cur, row)
    return len(rows)


def _look(cur: Cursor, row: _Row) -> None:
    try:
        birth = _Birth.model_validate(row.birth)
    except ValidationError:
        return  # not what a device of ours says; it stays as it was
    cur.execute(
        "SELECT exchange_key, conn_seq, epoch FROM customer_place WHERE device = %s", (row.device,)
    )
    before = cur.fetchone()
    group = birth.group
    if not is_of_group(cur, row.site, group):
        log.error(
            "device %s says group %d, which is not its shop's: it is told of nobody; if the shop"
            " moved, run `edge bridge customers group %s %d`",
            row.device,
            group,
            row.site,
            group,
        )
        group = NO_GROUP
    key = bytes.fromhex(birth.exchange_key)
    facts = (row.device, row.site, group, key, row.conn_seq, row.epoch, row.is_online)
    cur.execute(_KEEP, facts)
    if before is not None and bytes(before[0]) != key:
        # Another disk: it holds nobody, and opens nothing of what was sealed to the one before.
        _begin_again(cur, row.device)
    elif row.is_online:
        _go_on(cur, row.device, birth)


def _begin_again(cur: Cursor, device: str) -> None:
    cur.execute("DELETE FROM customer_message WHERE device = %s", (device,))
    cur.execute(
        "UPDATE customer_place SET renewed_day = 0, renewed_to = '' WHERE device = %s", (device,)
    )


def _go_on(cur: Cursor, device: str, birth: _Birth) -> None:
    cur.execute("SELECT number, kind, stamp FROM customer_message WHERE device = %s", (device,))
    taken: list[int] = []
    missing: list[int] = []
    for number, kind, stamp in cur.fetchall():
        heard = _stamp(birth.heard.get(kind, ""))
        is_taken = heard is not None and Stamp.from_text(stamp) <= heard
        (taken if is_taken else missing).append(number)
    cur.execute("DELETE FROM customer_message WHERE number = ANY(%s)", (taken,))
    cur.execute(
        "UPDATE customer_message SET published_at = NULL WHERE number = ANY(%s)", (missing,)
    )


def _stamp(text: str) -> Stamp | None:
    try:
        found = Stamp.from_text(text)
    except (EdgeError, ValueError):
        return None
    return found if found.sent_at.tzinfo is not None else None
