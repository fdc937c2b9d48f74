"""The whole fleet on one page: how many stand how, what they serve, what waits, what was refused."""

from datetime import datetime
from typing import Any, Final

from edge.central.fleet.web.standing import ERROR, PROBLEMS, STANDING, values, worst
from edge.central.postgres import Cursor

WORST: Final = 8
_WORDS: Final = f"""
SELECT standing, count(*), count(DISTINCT site), coalesce(sum(waiting), 0)::bigint,
  max(oldest_s), min(painted_at), max(heard_at)
FROM ({STANDING}) s GROUP BY 1
"""  # noqa: S608
_VERSIONS: Final = "SELECT version, count(*) FROM device GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 8"
_SITES: Final = "SELECT count(DISTINCT site) FROM device"
_SERVING: Final = (
    "SELECT name, coalesce(serving_release_id, 'factory'), coalesce(serving_version, ''), count(*), "
    "min(device) FROM release_state GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC"
)
_PHASES: Final = (
    "SELECT name, phase, count(*) FROM release_state WHERE phase NOT IN ('idle', 'committed') "
    "GROUP BY 1, 2 ORDER BY 1, 3 DESC"
)
_REFUSALS: Final = f"""
SELECT coalesce({ERROR}, 'TrustError'), count(*), min(device), max(at)
FROM release_state WHERE reason = 'trust' OR {ERROR} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""  # noqa: S608


def summary(cur: Cursor, tenant: str, now: datetime) -> dict[str, Any]:
    """Return the fleet in figures."""
    rows = cur.execute(_WORDS.encode(), values(tenant, now)).fetchall()
    by_word = {str(row[0]): int(row[1]) for row in rows}
    sites = cur.execute(_SITES).fetchone()
    total = sum(by_word.values())
    offline = _one(cur, "SELECT count(*) FROM device WHERE NOT is_online")
    return {
        "devices": total,
        "sites": int(sites[0]) if sites else 0,
        "online": total - offline,
        "offline": offline,
        "problems": sum(by_word.get(word, 0) for word in PROBLEMS),
        "standings": by_word,
        "waiting": sum(int(row[3]) for row in rows),
        "oldest_s": max((row[4] for row in rows if row[4] is not None), default=None),
        "painted_at": _iso(min((row[5] for row in rows if row[5] is not None), default=None)),
        "heard_at": _iso(max((row[6] for row in rows), default=None)),
        "versions": _named(cur, _VERSIONS, "version", "devices"),
        "serving": serving(cur),
        "phases": _named(cur, _PHASES, "name", "phase", "devices"),
        "refusals": _named(cur, _REFUSALS, "error", "devices", "example", "at"),
        "worst": worst(cur, tenant, now, WORST),
    }


def serving(cur: Cursor) -> list[dict[str, Any]]:
    """Return which release of each package name serves on how many devices."""
    return _named(cur, _SERVING, "name", "release", "version", "devices", "example")


def _named(cur: Cursor, query: str, *names: str) -> list[dict[str, Any]]:
    rows = cur.execute(query.encode()).fetchall()
    return [{name: _iso(value) for name, value in zip(names, row, strict=True)} for row in rows]


def _one(cur: Cursor, query: str) -> int:
    row = cur.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _iso(value: Any) -> Any:  # noqa: ANN401 - whatever PostgreSQL has
    return value.isoformat() if isinstance(value, datetime) else value
