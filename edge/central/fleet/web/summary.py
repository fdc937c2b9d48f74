"""The whole fleet on one page: how many stand how, what they serve, what waits, what was refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from edge.central.fleet.web.standing import ERROR, PROBLEMS, STANDING, WORST, values
from edge.central.postgres import Cursor

MOST_SHOWN: Final = 8
_WORDS: Final = """
SELECT standing, count(*) AS devices, count(*) FILTER (WHERE NOT is_online) AS offline,
  coalesce(sum(waiting), 0)::bigint AS waiting, max(oldest_s) AS oldest_s,
  min(painted_at) AS painted_at, max(heard_at) AS heard_at
FROM standing_now GROUP BY 1
"""
# Every device is looked at once, for both.
_NOW: Final = f"""
WITH standing_now AS MATERIALIZED ({STANDING})
SELECT (SELECT coalesce(jsonb_agg(w), '[]') FROM ({_WORDS}) w),
  (SELECT coalesce(jsonb_agg(x), '[]') FROM ({WORST}) x)
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
    filled = values(tenant, now) | {"problems": list(PROBLEMS), "most": MOST_SHOWN}
    row = cur.execute(_NOW.encode(), filled).fetchone()
    assert row is not None
    words, worst = row
    by_word = {one["standing"]: int(one["devices"]) for one in words}
    total, offline = sum(by_word.values()), sum(one["offline"] for one in words)
    sites = cur.execute(_SITES).fetchone()
    return {
        "devices": total,
        "sites": int(sites[0]) if sites else 0,
        "online": total - offline,
        "offline": offline,
        "problems": sum(by_word.get(word, 0) for word in PROBLEMS),
        "standings": by_word,
        "waiting": sum(one["waiting"] for one in words),
        "oldest_s": max(_said(words, "oldest_s"), default=None),
        "painted_at": min(_said(words, "painted_at"), default=None),
        "heard_at": max(_said(words, "heard_at"), default=None),
        "versions": _named(cur, _VERSIONS, "version", "devices"),
        "serving": serving(cur),
        "phases": _named(cur, _PHASES, "name", "phase", "devices"),
        "refusals": _named(cur, _REFUSALS, "error", "devices", "example", "at"),
        "worst": worst,
    }


def serving(cur: Cursor) -> list[dict[str, Any]]:
    """Return which release of each package name serves on how many devices."""
    return _named(cur, _SERVING, "name", "release", "version", "devices", "example")


def _named(cur: Cursor, query: str, *names: str) -> list[dict[str, Any]]:
    rows = cur.execute(query.encode()).fetchall()
    return [{name: _iso(value) for name, value in zip(names, row, strict=True)} for row in rows]


def _said(words: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [one[name] for one in words if one[name] is not None]


def _iso(value: Any) -> Any:  # noqa: ANN401 - whatever PostgreSQL has
    return value.isoformat() if isinstance(value, datetime) else value
