"""Which release serves where, what everybody is to run, and how long the signatures hold."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.central.fleet.releases.holding import Holding, holdings
from edge.central.fleet.releases.repository_folder import RepositoryFolder
from edge.central.fleet.releases.repository_state import read_state
from edge.central.fleet.rollout.shown import lines_shown
from edge.central.fleet.web.summary import serving
from edge.central.postgres import Cursor
from edge.core.errors import EdgeError


def models_shown(cur: Cursor) -> list[dict[str, Any]]:
    """Return every package name with what is stable and what serves on how many devices."""
    lines = {line["name"]: line for line in lines_shown(cur)}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in lines}
    for row in serving(cur):
        found.setdefault(str(row["name"]), []).append(row)
    return [
        {
            "name": name,
            "stable": lines.get(name, {}).get("stable"),
            "halted": lines.get(name, {}).get("halted", False),
            "document_version": lines.get(name, {}).get("document_version", 0),
            "published_version": lines.get(name, {}).get("published_version"),
            "serving": rows,
            "devices": sum(int(row["devices"]) for row in rows),
        }
        for name, rows in sorted(found.items())
    ]


def signatures_shown(folder: Path, now: datetime) -> dict[str, Any]:
    """Return how long each role's signature holds, or why that cannot be said."""
    try:
        state = read_state(RepositoryFolder(folder))
    except EdgeError as error:
        return {"roles": [], "why": str(error)}
    if state is None:
        return {"roles": [], "why": ""}
    return {"roles": [_holding(one) for one in holdings(state, now)], "why": ""}


def _holding(one: Holding) -> dict[str, Any]:
    return {
        "role": one.role.name,
        "is_online": one.role.is_online,
        "version": one.version,
        "until": one.until.isoformat(),
        "days": one.left.days,
        "is_short": one.is_short,
        "is_over": one.left.total_seconds() <= 0,
        "paths": asdict(one.role)["paths"],
    }
