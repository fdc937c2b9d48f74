"""How each device stands, in one word, as one query: over all of them, a page of them, or one.

The word is the first that holds of: untrusted (it refused what was offered as not ours), refused
(it gave a release up), poorly (a part of it says so), quiet (connected, but no word on its health),
online, offline.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from edge.central.postgres import Cursor

QUIET_AFTER: Final = timedelta(minutes=15)
"""Three reports missed."""
PROBLEMS: Final = ("untrusted", "refused", "poorly", "quiet")
STANDINGS: Final = (*PROBLEMS, "online", "offline")
MOST: Final = 100
_LIKE: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


ERROR: Final = "substring(detail from '^([A-Z][A-Za-z]{2,60}Error)(:| |$)')"
"""The name of the error that a device gave, as decided.md 49 has it."""

STANDING: Final = f"""
SELECT d.device, d.site, d.ring, d.version, d.is_online, d.changed_at, d.heard_at,
  h.at AS health_at, coalesce(h.poorly, '[]'::jsonb) AS poorly,
  h.outbox_events AS waiting, h.outbox_oldest_s AS oldest_s,
  h.at - h.painted_oldest_s * interval '1 second' AS painted_at,
  r.error, r.reason, r.serving, r.releases,
  CASE
    WHEN r.is_untrusted THEN 'untrusted'
    WHEN r.is_refused THEN 'refused'
    WHEN d.is_online AND coalesce(jsonb_array_length(h.poorly), 0) > 0 THEN 'poorly'
    WHEN d.is_online AND greatest(h.at, d.changed_at) < %(quiet)s THEN 'quiet'
    WHEN d.is_online THEN 'online'
    ELSE 'offline'
  END AS standing
FROM device d
LEFT JOIN latest_health h ON h.tenant = %(tenant)s AND h.device = d.device
LEFT JOIN (
  SELECT device, max({ERROR}) AS error,
    bool_or(reason = 'trust' OR {ERROR} IS NOT NULL) AS is_untrusted,
    bool_or(phase IN ('failed', 'rolled_back') AND reason <> 'superseded') AS is_refused,
    max(reason) AS reason,
    string_agg(name || ' ' || coalesce(serving_version, 'factory'), ', ' ORDER BY name) AS serving,
    array_agg(coalesce(serving_release_id, 'factory')) AS releases
  FROM release_state GROUP BY device
) r ON r.device = d.device
"""  # noqa: S608 - constants of this module

_NAMES: Final = (
    *("device", "site", "ring", "version", "is_online", "changed_at", "heard_at", "health_at"),
    *("poorly", "waiting", "oldest_s", "painted_at", "error", "reason", "serving", "standing"),
)

WORST: Final = (
    f"SELECT {', '.join(_NAMES)} FROM standing_now WHERE standing = ANY(%(problems)s) "  # noqa: S608
    "ORDER BY array_position(%(problems)s, standing), device LIMIT %(most)s"
)
"""The devices that need attention, what is worst first."""

_LIST: Final = f"""
SELECT {", ".join(_NAMES)} FROM ({STANDING}) s
WHERE (%(states)s::text[] IS NULL OR standing = ANY(%(states)s))
  AND (%(like)s = '' OR device LIKE %(like)s OR site LIKE %(like)s)
  AND (%(release)s = '' OR %(release)s = ANY(releases))
  AND (%(version)s = '' OR version = %(version)s)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which devices somebody wants to see."""

    state: str = ""
    """A standing; "problem" is each of ``PROBLEMS``; empty: all."""
    words: str = ""
    """What the name of the device or its site holds."""
    release: str = ""
    version: str = ""
    after: str = ""
    most: int = MOST
    tenant: str = field(default="", kw_only=True)


def values(tenant: str, now: datetime) -> dict[str, Any]:
    """Return what ``STANDING`` is filled with."""
    return {"tenant": tenant, "quiet": now - QUIET_AFTER}


def devices(cur: Cursor, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """Return a page of devices by name, how many there are in all, and where the next begins."""
    filled = values(wanted.tenant, now) | {
        "states": _states(wanted.state),
        "like": f"%{wanted.words.translate(_LIKE)}%" if wanted.words else "",
        "release": wanted.release,
        "version": wanted.version,
        "after": wanted.after,
        "most": wanted.most + 1,
    }
    page = f"{_LIST} AND device > %(after)s ORDER BY device LIMIT %(most)s"
    rows = cur.execute(page.encode(), filled).fetchall()
    total = cur.execute(f"SELECT count(*) FROM ({_LIST}) t".encode(), filled).fetchone()  # noqa: S608
    found = [plain(dict(zip(_NAMES, row, strict=True))) for row in rows[: wanted.most]]
    return {
        "devices": found,
        "total": total[0] if total else 0,
        "next": found[-1]["device"] if len(rows) > wanted.most else None,
    }


def device(cur: Cursor, name: str, tenant: str, now: datetime) -> dict[str, Any] | None:
    """Return how one device stands, with its figures; None: there is none of that name."""
    one = f"SELECT {', '.join(_NAMES)} FROM ({STANDING}) s WHERE device = %(device)s"  # noqa: S608
    row = cur.execute(one.encode(), values(tenant, now) | {"device": name}).fetchone()
    return None if row is None else plain(dict(zip(_NAMES, row, strict=True)))


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what JSON can say: moments as text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _states(state: str) -> list[str] | None:
    if not state:
        return None
    return list(PROBLEMS) if state == "problem" else [state]
