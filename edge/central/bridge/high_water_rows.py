"""The high-water marks in PostgreSQL, and what devices say they had to drop.

Written last in a batch's transaction, in one order: the rows are locked for the length of a commit,
and two workers with events of the same devices take turns.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, LiteralString

import orjson

from edge.central.bridge.high_water import Mark, Run, knows, noted
from edge.central.bridge.sink import Arrived
from edge.central.postgres import Cursor
from edge.wire.cloudevents import schema_urn
from edge.wire.lanes import Lane

Stream = tuple[str, str, str, str]
"""Tenant, device, epoch, lane."""

_DROPPED: Final = schema_urn("outbox_dropped")
_LANES: Final = frozenset(Lane)
_METRICS: Final = Lane.METRICS.value
# One JSON text for all rows: an array for each column costs a worker several times as much.
_KEYS: Final[LiteralString] = (
    "jsonb_to_recordset(%s::jsonb) AS k(tenant text, device text, epoch text, lane text, site text)"
)
_MAKE: Final[LiteralString] = f"""
INSERT INTO high_water(tenant, device, epoch, lane, site, updated_at)
SELECT tenant, device, epoch, lane, site, now() FROM {_KEYS}
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants of this module
_READ: Final[LiteralString] = f"""
SELECT tenant, device, epoch, lane,
       contiguous_seq, highest_seq, arrived, given_up, reused, beyond
FROM high_water
WHERE (tenant, device, epoch, lane) IN (SELECT tenant, device, epoch, lane FROM {_KEYS})
ORDER BY tenant, device, epoch, lane
FOR UPDATE
"""  # noqa: S608
_UPDATE: Final[LiteralString] = """
UPDATE high_water h
SET site = n.site, contiguous_seq = n.contiguous, highest_seq = n.highest, arrived = n.arrived,
    given_up = n.given_up, reused = n.reused, beyond = n.beyond, dropped = h.dropped + n.dropped,
    updated_at = now()
FROM jsonb_to_recordset(%s::jsonb)
  AS n(tenant text, device text, epoch text, lane text, site text, contiguous bigint,
       highest bigint, arrived bigint, given_up bigint, reused bigint, beyond bigint[],
       dropped bigint)
WHERE (h.tenant, h.device, h.epoch, h.lane) = (n.tenant, n.device, n.epoch, n.lane)
"""
_STREAM: Final = ("tenant", "device", "epoch", "lane")


def follow_numbers(cursor: Cursor, batch: Sequence[Arrived], late: Sequence[Arrived] = ()) -> None:
    """Note the numbers of new events, and the drops they report.

    Args:
        cursor: In the transaction that writes them.
        batch: New events.
        late: Events that came and are not kept. Nobody knows by their ids whether they are
            repeats, so a number that is known counts for nothing.
    """
    numbers: defaultdict[Stream, list[int]] = defaultdict(list)
    late_numbers: defaultdict[Stream, set[int]] = defaultdict(set)
    sites: dict[Stream, str] = {}
    for one in late:
        stream = (one.tenant, one.device, one.epoch, one.lane)
        late_numbers[stream].add(one.seq)
        sites[stream] = one.site
    reports: list[Arrived] = []
    for one in batch:
        tenant, site, device, epoch, lane, seq, *_ = one
        stream = (tenant, device, epoch, lane)
        numbers[stream].append(seq)
        sites[stream] = site
        if lane == _METRICS and one.event["dataschema"] == _DROPPED:
            reports.append(one)
    dropped: Counter[Stream] = Counter()
    for one in reports:
        for lane, count in _runs(one):
            stream = (one.tenant, one.device, one.epoch, lane)
            dropped[stream] += count
            sites.setdefault(stream, one.site)
    marks = _marks(cursor, sites)
    for stream, found in late_numbers.items():
        came = numbers[stream]
        came += found.difference(came, [seq for seq in found if knows(marks[stream], seq)])
    rows = [
        dict(zip(_STREAM, stream, strict=True))
        | {"site": sites[stream], "dropped": dropped[stream]}
        | _columns(noted(marks[stream], numbers[stream]))
        for stream in sorted(sites)
    ]
    cursor.execute(_UPDATE, (orjson.dumps(rows).decode(),))


def _runs(one: Arrived) -> Iterator[tuple[str, int]]:
    runs = one.properties.get("runs")
    for run in runs if isinstance(runs, list) else []:
        match run:
            case {"lane": str(lane), "count": int(count)} if lane in _LANES and 0 < count < 2**31:
                yield lane, count


def _marks(cursor: Cursor, sites: Mapping[Stream, str]) -> Mapping[Stream, Mark]:
    keys = orjson.dumps(
        [
            dict(zip(_STREAM, stream, strict=True)) | {"site": sites[stream]}
            for stream in sorted(sites)
        ]
    ).decode()
    found = _read(cursor, keys)
    if len(found) < len(sites):
        cursor.execute(_MAKE, (keys,))
        found = _read(cursor, keys)
    return found


def _read(cursor: Cursor, keys: str) -> dict[Stream, Mark]:
    cursor.execute(_READ, (keys,))
    found: dict[Stream, Mark] = {}
    for tenant, device, epoch, lane, contiguous, highest, arrived, *rest in cursor.fetchall():
        given_up, reused, beyond = rest
        mark = Mark(contiguous, highest, arrived, given_up, reused, tuple(_pairs(beyond)))
        found[tenant, device, epoch, lane] = mark
    return found


def _pairs(flat: Sequence[int]) -> Iterable[Run]:
    return zip(flat[::2], flat[1::2], strict=True)


def _columns(mark: Mark) -> dict[str, Any]:
    return {
        "contiguous": mark.contiguous_seq,
        "highest": mark.highest_seq,
        "arrived": mark.arrived,
        "given_up": mark.given_up,
        "reused": mark.reused,
        "beyond": [seq for run in mark.beyond for seq in run],
    }
