"""The high-water marks in PostgreSQL, and what devices say they had to drop.

Written last in a batch's transaction, in one order: the rows are locked for the length of a commit,
and two workers with events of the same devices take turns.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, LiteralString

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
_MAKE: Final[LiteralString] = """
INSERT INTO high_water(tenant, device, epoch, lane, site, updated_at)
SELECT k.*, now() FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS k
ON CONFLICT DO NOTHING
"""
_READ: Final[LiteralString] = """
SELECT tenant, device, epoch, lane,
       contiguous_seq, highest_seq, arrived, given_up, reused, beyond
FROM high_water
WHERE (tenant, device, epoch, lane)
  IN (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]))
ORDER BY tenant, device, epoch, lane
FOR UPDATE
"""
_UPDATE: Final[LiteralString] = """
UPDATE high_water h
SET site = n.site, contiguous_seq = n.contiguous, highest_seq = n.highest, arrived = n.arrived,
    given_up = n.given_up, reused = n.reused, beyond = n.beyond::bigint[],
    dropped = h.dropped + n.dropped, updated_at = now()
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
            %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[])
  AS n(tenant, device, epoch, lane, site,
       contiguous, highest, arrived, given_up, reused, beyond, dropped)
WHERE (h.tenant, h.device, h.epoch, h.lane) = (n.tenant, n.device, n.epoch, n.lane)
"""


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
        stream = (one.tenant, one.device, one.epoch, one.lane)
        numbers[stream].append(one.seq)
        sites[stream] = one.site
        if one.lane == _METRICS and one.event["dataschema"] == _DROPPED:
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
        (*stream, sites[stream], *_columns(noted(marks[stream], numbers[stream])), dropped[stream])
        for stream in sorted(sites)
    ]
    cursor.execute(_UPDATE, [list(column) for column in zip(*rows, strict=True)])


def _runs(one: Arrived) -> Iterator[tuple[str, int]]:
    runs = one.properties.get("runs")
    for run in runs if isinstance(runs, list) else []:
        match run:
            case {"lane": str(lane), "count": int(count)} if lane in _LANES and 0 < count < 2**31:
                yield lane, count


def _marks(cursor: Cursor, sites: Mapping[Stream, str]) -> Mapping[Stream, Mark]:
    streams = sorted(sites)
    keys = [list(column) for column in zip(*streams, strict=True)]
    found = _read(cursor, keys)
    if len(found) < len(streams):
        cursor.execute(_MAKE, [*keys, [sites[stream] for stream in streams]])
        found = _read(cursor, keys)
    return found


def _read(cursor: Cursor, keys: Sequence[Sequence[str]]) -> dict[Stream, Mark]:
    cursor.execute(_READ, keys)
    found: dict[Stream, Mark] = {}
    for tenant, device, epoch, lane, contiguous, highest, arrived, *rest in cursor.fetchall():
        given_up, reused, beyond = rest
        mark = Mark(contiguous, highest, arrived, given_up, reused, tuple(_pairs(beyond)))
        found[tenant, device, epoch, lane] = mark
    return found


def _pairs(flat: Sequence[int]) -> Iterable[Run]:
    return zip(flat[::2], flat[1::2], strict=True)


def _columns(mark: Mark) -> tuple[Any, ...]:
    flat = ",".join(f"{first},{last}" for first, last in mark.beyond)
    return (
        mark.contiguous_seq,
        mark.highest_seq,
        mark.arrived,
        mark.given_up,
        mark.reused,
        f"{{{flat}}}",
    )
