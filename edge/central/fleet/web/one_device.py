"""All that central knows about one device."""

from datetime import datetime
from typing import Any, Final

from edge.central.fleet.devices.shown import device_shown
from edge.central.fleet.web import standing
from edge.central.fleet.web.standing import plain
from edge.central.postgres import Cursor

_COMMANDS: Final = (
    "SELECT command_id::text, name, who, asked_at, sent_at, expires_at, result_at, result "
    "FROM command WHERE device = %s ORDER BY asked_at DESC LIMIT 10"
)
_COMMAND_NAMES: Final = (
    *("command_id", "name", "who", "asked_at", "sent_at", "expires_at", "result_at", "result"),
)
_HEALTH: Final = "SELECT at, figures, poorly FROM latest_health WHERE tenant = %s AND device = %s"


def device_page(cur: Cursor, name: str, tenant: str, now: datetime) -> dict[str, Any] | None:
    """Return one device: how it stands, what it serves, what it was asked; None: there is none."""
    found = standing.device(cur, name, tenant, now)
    if found is None:
        return None
    commands = cur.execute(_COMMANDS, (name,)).fetchall()
    health = cur.execute(_HEALTH, (tenant, name)).fetchone()
    return device_shown(cur, name) | {
        **{key: found[key] for key in ("standing", "error", "waiting", "oldest_s", "painted_at")},
        "poorly": found["poorly"],
        "health_at": found["health_at"],
        "figures": dict(sorted(health[1].items())) if health else {},
        "commands": [plain(dict(zip(_COMMAND_NAMES, row, strict=True))) for row in commands],
    }
