"""The newest word of each device on how it is: ``latest_health`` for the ops page.

The page adds up and compares what all devices say. So only what can be added up is kept here: one
device that says something absurd must not take the page of the whole fleet away.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, LiteralString

import orjson

from edge.central.bridge.sink import Arrived
from edge.central.postgres import Cursor
from edge.wire.cloudevents import schema_urn
from edge.wire.lanes import Lane

_HEALTH: Final = schema_urn("health")
_METRICS: Final = Lane.METRICS.value
_MOST_FIGURES: Final = 500
_MOST_PARTS: Final = 50
_LONGEST_NAME: Final = 64
_LARGEST: Final = 1e12
_LONGEST_S: Final = 1e9  # 31 years, in what ends in seconds
_AHEAD: Final = timedelta(hours=1)
_FIRST_DAY: Final = datetime(1970, 1, 1, tzinfo=UTC)  # where a device without a clock begins
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
            [_at(one) for one in found],
            [orjson.dumps(_figures(one)).decode() for one in found],
            [orjson.dumps(_poorly(one)).decode() for one in found],
        ),
    )


def _at(one: Arrived) -> datetime:
    # A device whose clock was ahead once would be believed for ever, and never seem quiet.
    is_ahead = one.at > one.received_at + _AHEAD
    return one.received_at if is_ahead else max(one.at, _FIRST_DAY)


def _figures(one: Arrived) -> Mapping[str, float]:
    said = one.properties.get("figures")
    named = list(said.items()) if isinstance(said, dict) else []
    return {
        name: value
        for name, value in named[:_MOST_FIGURES]
        if len(name) <= _LONGEST_NAME and _is_figure(name, value)
    }


def _is_figure(name: str, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return abs(value) <= (_LONGEST_S if name.endswith("seconds") else _LARGEST)


def _poorly(one: Arrived) -> Sequence[str]:
    said = one.properties.get("degraded")
    parts = [part for part in said if isinstance(part, str)] if isinstance(said, list) else []
    return [part[:_LONGEST_NAME] for part in parts[:_MOST_PARTS]]
