"""How events reach central: how old the newest is per lane, what is missing, what cannot be taken."""

from datetime import datetime, timedelta
from typing import Any, Final

from edge.central.fleet.web.standing import plain
from edge.central.postgres import Cursor

MOST_LETTERS: Final = 25
_LANES: Final = (
    "SELECT lane, count(DISTINCT device), max(updated_at), sum(arrived)::bigint, "
    "sum(greatest(0, highest_seq - arrived - given_up))::bigint, sum(dropped)::bigint "
    "FROM high_water WHERE tenant = %s GROUP BY lane "
    "ORDER BY array_position(ARRAY['c', 't', 'e', 'm'], lane)"
)
_LETTERS: Final = (
    "SELECT letter_id, at, device, target, why, octet_length(payload) FROM dead_letter "
    "WHERE tenant = %s ORDER BY letter_id DESC LIMIT %s"
)
_UNTAKEN: Final = (
    "SELECT device, times, last_at, why FROM dead_letter_untaken "
    "WHERE tenant = %s AND last_at > %s ORDER BY last_at DESC LIMIT 10"
)
"""A device tries at least once an hour: who has not for a day has no such letters any more."""
_WAITING: Final = (
    "SELECT device, site, at, outbox_events::bigint, outbox_oldest_s FROM latest_health "
    "WHERE tenant = %s AND outbox_events > 0 AND outbox_oldest_s IS NOT NULL "
    "ORDER BY 5 DESC LIMIT 10"
)


def delivery_shown(cur: Cursor, tenant: str, now: datetime) -> dict[str, Any]:
    """Return the lanes, the devices whose oldest event waits longest, and the dead letters."""
    letters = cur.execute(
        "SELECT count(*) FROM dead_letter WHERE tenant = %s", (tenant,)
    ).fetchone()
    newest = cur.execute(
        "SELECT max(updated_at) FROM high_water WHERE tenant = %s", (tenant,)
    ).fetchone()
    return {
        "lanes": _rows(cur, _LANES, (tenant,), "lane devices at arrived missing dropped"),
        "newest_at": newest[0].isoformat() if newest and newest[0] else None,
        "lag_s": (now - newest[0]).total_seconds() if newest and newest[0] else None,
        "waiting": _rows(cur, _WAITING, (tenant,), "device site at events oldest_s"),
        "letters_total": int(letters[0]) if letters else 0,
        "letters": _rows(
            cur, _LETTERS, (tenant, MOST_LETTERS), "number at device target why bytes"
        ),
        "untaken": _rows(cur, _UNTAKEN, (tenant, now - timedelta(days=1)), "device times at why"),
    }


def _rows(cur: Cursor, query: str, given: tuple[object, ...], names: str) -> list[dict[str, Any]]:
    rows = cur.execute(query.encode(), given).fetchall()
    return [plain(dict(zip(names.split(), row, strict=True))) for row in rows]
