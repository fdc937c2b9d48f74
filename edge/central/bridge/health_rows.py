"""The newest word of each device on how it is: ``latest_health`` for the ops page."""

from collections.abc import Sequence
from typing import Final, LiteralString

import orjson

from edge.central.bridge.sink import Arrived
from edge.central.postgres import Cursor
from edge.wire.cloudevents import schema_urn
from edge.wire.lanes import Lane

_HEALTH: Final = schema_urn("health")
_METRICS: Final = Lane.METRICS.value
_UPSERT: Final[LiteralString] = """
INSERT INTO device_health(tenant, device, site, at, figures, poorly)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::jsonb[], %s::jsonb[])
ON CONFLICT (tenant, device) DO UPDATE
SET site = excluded.site, at = excluded.at, figures = excluded.figures, poorly = excluded.poorly
WHERE device_health.at < excluded.at
"""


def follow_health(cursor: Cursor, batch: Sequence[Arrived]) -> None:
    """Keep the newest health of each device in ``batch``."""
    newest: dict[tuple[str, str], Arrived] = {}
    for one in batch:
        if one.lane == _METRICS and one.event["dataschema"] == _HEALTH:
            known = newest.get((one.tenant, one.device))
            if known is None or known.at < one.at:
                newest[one.tenant, one.device] = one
    if not newest:
        return
    found = [newest[key] for key in sorted(newest)]
    cursor.execute(
        _UPSERT,
        (
            [one.tenant for one in found],
            [one.device for one in found],
            [one.site for one in found],
            [one.at for one in found],
            [_json(one, "figures", "{}") for one in found],
            [_json(one, "degraded", "[]") for one in found],
        ),
    )


def _json(one: Arrived, name: str, otherwise: str) -> str:
    found = one.properties.get(name)
    return otherwise if found is None else orjson.dumps(found).decode()
