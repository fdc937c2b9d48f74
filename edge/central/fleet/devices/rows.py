"""What devices said, in PostgreSQL. Rows only go forward, in whatever order messages come.

- A birth is newer when its connection's number is higher, or its epoch is another (a new disk
  counts from one again). An "offline" below the newest birth is a late will and is ignored.
- A release state is newer when its number is higher, or, after a new disk, when it is later.
- A result is kept once, and only from the device that was asked.

A line that is lost for less than ``SHORT`` does not end the time that a device has been online.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import orjson

from edge.central.enrolled_sites import site_of
from edge.central.fleet.devices.heard import Birth, Gone, Heard, Result
from edge.central.postgres import Cursor
from edge.wire.releases import ReleaseState

log = logging.getLogger(__name__)

SHORT: Final = timedelta(minutes=10)
MOST_NAMES: Final = 16
"""Package names that one device reports; more would only fill the page of the fleet."""

_BORN: Final = """
INSERT INTO device AS d (device, site, ring, version, epoch, conn_seq, is_online, online_since,
  changed_at, birth, heard_at)
VALUES (%(device)s, %(site)s, %(ring)s, %(version)s, %(epoch)s, %(conn_seq)s, true, %(at)s,
  %(at)s, %(birth)s::jsonb, %(at)s)
ON CONFLICT (device) DO UPDATE SET
  site = excluded.site, ring = excluded.ring, version = excluded.version, epoch = excluded.epoch,
  conn_seq = excluded.conn_seq, is_online = true, birth = excluded.birth, why = '',
  online_since = CASE WHEN d.is_online THEN d.online_since ELSE excluded.online_since END,
  online_s = d.online_s + CASE WHEN NOT d.is_online AND excluded.heard_at - d.changed_at <= %(short)s
    THEN greatest(0, extract(epoch FROM excluded.heard_at - d.changed_at))::bigint ELSE 0 END,
  changed_at = CASE WHEN d.is_online THEN d.changed_at ELSE excluded.changed_at END,
  heard_at = greatest(d.heard_at, excluded.heard_at)
WHERE excluded.conn_seq >= d.conn_seq OR excluded.epoch <> d.epoch
"""

_GONE: Final = """
UPDATE device d SET is_online = false, why = %(why)s, changed_at = %(at)s, online_since = NULL,
  online_s = d.online_s + greatest(0, extract(epoch FROM %(at)s - d.online_since))::bigint
WHERE device = %(device)s AND is_online AND conn_seq <= %(conn_seq)s
"""

_STATE: Final = """
INSERT INTO release_state AS r (device, name, seq, at, serving_release_id, serving_version,
  serving_digest, release_id, target, phase, reason, detail, figures, document_version, heard_at)
SELECT v.* FROM (VALUES (%(device)s, %(name)s, %(seq)s::bigint, %(at)s::timestamptz,
  %(serving_release_id)s, %(serving_version)s, %(serving_digest)s, %(release_id)s, %(target)s,
  %(phase)s, %(reason)s, %(detail)s, %(figures)s::jsonb, %(document_version)s::bigint,
  %(heard_at)s::timestamptz)) AS v(device, name)
WHERE (SELECT count(*) FROM release_state o WHERE o.device = v.device AND o.name <> v.name)
  < %(most_names)s
ON CONFLICT (device, name) DO UPDATE SET
  seq = excluded.seq, at = excluded.at, serving_release_id = excluded.serving_release_id,
  serving_version = excluded.serving_version, serving_digest = excluded.serving_digest,
  release_id = excluded.release_id, target = excluded.target, phase = excluded.phase,
  reason = excluded.reason, detail = excluded.detail, figures = excluded.figures,
  document_version = excluded.document_version, heard_at = excluded.heard_at
WHERE excluded.seq > r.seq OR excluded.at > r.at
"""

_RESULT: Final = """
UPDATE command SET result = %s::jsonb, result_at = %s
WHERE command_id::text = %s AND device = %s AND result IS NULL
"""


def take(cur: Cursor, heard: Sequence[Heard]) -> None:
    """Store a batch, in the caller's transaction; in an order in which two servers can do so."""
    born = {one.device for one in heard if isinstance(one.said, Birth)}
    sites = site_of(cur, born)
    for one in sorted(heard, key=lambda one: one.device):
        match one.said:
            case Birth() as birth:
                _born(cur, one, birth, sites.get(one.device, birth.site))
            case Gone() as gone:
                cur.execute(
                    _GONE,
                    {
                        "device": one.device,
                        "why": gone.why,
                        "at": one.at,
                        "conn_seq": gone.conn_seq,
                    },
                )
            case Result() as result:
                body = _storable(result.body)
                cur.execute(_RESULT, (body, one.at, result.command_id, one.device))
            case tuple() as states:
                cur.executemany(_STATE, _state_values(states, one))


def _born(cur: Cursor, heard: Heard, birth: Birth, site: str) -> None:
    if site != birth.site:
        # Its site decides its waves: a device may not choose to be asked first.
        log.warning("%s was enrolled for %s and says it is at %s", heard.device, site, birth.site)
    cur.execute(
        _BORN,
        {
            "device": heard.device,
            "site": site,
            "ring": birth.ring,
            "version": _plain(birth.version),
            "epoch": _plain(birth.epoch),
            "conn_seq": birth.conn_seq,
            "birth": _storable(birth.model_dump(mode="json")),
            "at": heard.at,
            "short": SHORT,
        },
    )


def _state_values(states: Iterable[ReleaseState], heard: Heard) -> list[dict[str, object]]:
    return [
        {
            "device": heard.device,
            "name": state.name,
            "seq": state.seq,
            "at": state.at,
            "serving_release_id": state.serving.release_id,
            "serving_version": state.serving.version,
            "serving_digest": _plain(state.serving.digest),
            "release_id": state.release_id,
            "target": state.target,
            "phase": state.phase.value,
            "reason": state.reason,
            "detail": _plain(state.detail),
            "figures": orjson.dumps(dict(state.figures)).decode(),
            "document_version": state.document_version,
            "heard_at": heard.at,
            "most_names": MOST_NAMES,
        }
        for state in states
    ]


def _plain(text: str) -> str:
    return text.replace("\x00", "")  # PostgreSQL has no place for NUL in text


def _storable(value: object) -> str:
    return orjson.dumps(_without_nul(value)).decode()


def _without_nul(value: object) -> object:
    match value:
        case str():
            return _plain(value)
        case dict():
            return {_plain(str(key)): _without_nul(inner) for key, inner in value.items()}
        case list():
            return [_without_nul(inner) for inner in value]
        case _:
            return value
