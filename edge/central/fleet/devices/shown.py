"""Devices as they are shown: by the command line, the status interface and the ops page."""

from datetime import datetime
from typing import Any

from edge.central.postgres import Cursor
from edge.core.errors import RequestContractError

_DEVICE = (
    "device, site, ring, version, is_online, online_since, changed_at, why, heard_at, "
    "birth->>'clock', birth->>'key_protection', birth->'screens'"
)
_DEVICE_NAMES = (
    *("device", "site", "ring", "version", "is_online", "online_since", "changed_at", "why"),
    *("heard_at", "clock", "key_protection", "screens"),
)
_STATE_NAMES = (
    *("name", "serving", "serving_version", "release_id", "phase", "reason", "detail", "at"),
    *("document_version", "figures"),
)


def fleet_shown(cur: Cursor) -> dict[str, Any]:
    """Return how many devices there are, which are online, and what they run."""
    row = cur.execute(
        "SELECT count(*), count(*) FILTER (WHERE is_online), count(DISTINCT site) FROM device"
    ).fetchone()
    devices, online, sites = row or (0, 0, 0)
    serving = cur.execute(
        "SELECT name, coalesce(serving_release_id, serving_version, 'factory'), count(*) "
        "FROM release_state GROUP BY 1, 2 ORDER BY 1, 3 DESC"
    ).fetchall()
    phases = cur.execute(
        "SELECT name, phase, reason, count(*) FROM release_state GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC"
    ).fetchall()
    return {
        "devices": devices,
        "online": online,
        "offline": devices - online,
        "sites": sites,
        "serving": [
            {"name": name, "release": release, "devices": number}
            for name, release, number in serving
        ],
        "phases": [
            {"name": name, "phase": phase, "reason": reason, "devices": number}
            for name, phase, reason, number in phases
        ],
    }


def devices_shown(cur: Cursor, *, most: int = 100, after: str = "") -> list[dict[str, Any]]:
    """Return devices by name, beginning after ``after``."""
    rows = cur.execute(
        f"SELECT {_DEVICE} FROM device WHERE device > %s ORDER BY device LIMIT %s".encode(),  # noqa: S608
        (after, most),
    ).fetchall()
    return [_plain(dict(zip(_DEVICE_NAMES, row, strict=True))) for row in rows]


def device_shown(cur: Cursor, device: str) -> dict[str, Any]:
    """Return one device: what it said, its releases, its last commands.

    Raises:
        RequestContractError: There is no such device.
    """
    row = cur.execute(
        f"SELECT {_DEVICE} FROM device WHERE device = %s".encode(),  # noqa: S608
        (device,),
    ).fetchone()
    if row is None:
        msg = f"wanted a device of `edge fleet status --devices`, got {device!r}"
        raise RequestContractError(msg)
    releases = cur.execute(
        "SELECT name, coalesce(serving_release_id, 'factory'), serving_version, release_id, phase, "
        "reason, detail, at, document_version, figures FROM release_state WHERE device = %s "
        "ORDER BY name",
        (device,),
    ).fetchall()
    commands = cur.execute(
        "SELECT name, who, asked_at, sent_at, result_at, result->>'outcome' FROM command "
        "WHERE device = %s ORDER BY asked_at DESC LIMIT 10",
        (device,),
    ).fetchall()
    names = ("name", "who", "asked_at", "sent_at", "result_at", "outcome")
    return _plain(dict(zip(_DEVICE_NAMES, row, strict=True))) | {
        "releases": [_plain(dict(zip(_STATE_NAMES, one, strict=True))) for one in releases],
        "commands": [_plain(dict(zip(names, one, strict=True))) for one in commands],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }
