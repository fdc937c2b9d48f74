"""Whom a rollout is offered to, and what became of them, counted in PostgreSQL.

A device is a member from the moment its wave begins (or it is first heard of), online or not. Its
time to finish is time that it was online: a shop that closes at night, or was away for three
weeks, is not late because of that.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from edge.central.fleet.rollout.gate import Counts, Tally
from edge.central.fleet.rollout.state import Rollout, Stage, State
from edge.central.fleet.rollout.takings import FIGURES, MISMATCH, Takings
from edge.central.postgres import Cursor

# The same number as edge.wire.releases.site_share, compared as 8 bytes.
_SITE_HASH: Final = "substr(sha256(convert_to(%(salt)s || '/' || d.site, 'UTF8')), 1, 8)"

_ONLINE_S: Final = (
    "d.online_s + CASE WHEN d.is_online "
    "THEN greatest(0, extract(epoch FROM %(now)s - d.online_since))::bigint ELSE 0 END"
)

_JOIN: Final = f"""
INSERT INTO rollout_member(rollout_id, device, wave, since, online_s)
SELECT %(rollout_id)s, d.device, %(wave)s, %(now)s, {_ONLINE_S}
FROM device d
LEFT JOIN rollout_member m ON m.rollout_id = %(rollout_id)s AND m.device = d.device
WHERE m.device IS NULL
  AND CASE %(folder)s
    WHEN 'content' THEN d.site = %(name)s
    WHEN 'config' THEN EXISTS
      (SELECT 1 FROM release_state r WHERE r.device = d.device AND r.name = %(name)s)
    ELSE true END
  AND (%(everybody)s OR d.site = ANY(%(sites)s) OR {_SITE_HASH} < %(below)s)
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants of this module

_AGAIN: Final = f"""
UPDATE rollout_member m SET online_s = {_ONLINE_S}
FROM device d WHERE m.rollout_id = %(rollout_id)s AND d.device = m.device
"""  # noqa: S608

MOST_VISITS: Final = 100_000
"""Of one device in one trial. What it says beyond is not believed, so that one that lies has no more
to say than a large shop, and no figure is too large to be added up."""


def _summed(figure: str) -> str:
    bounded = f"least(greatest((trusted->>'{figure}')::float8, 0), {MOST_VISITS})"
    if figure.startswith("takes_"):  # as many as its visits, at most
        visits = f"coalesce((trusted->>'visits_{figure.removeprefix('takes_')}')::float8, 0)"
        bounded = f"least({bounded}, greatest({visits}, 0))"
    return f"coalesce(sum({bounded}), 0)"


_COUNT: Final = f"""
WITH standing AS (
  SELECT m.wave, r.figures,
    CASE
      WHEN r.serving_release_id = %(rollout_id)s AND r.phase IN ('committed', 'idle')
        THEN 'finished'
      WHEN r.release_id = %(rollout_id)s AND r.phase IN ('rolled_back', 'failed')
        AND r.reason <> 'superseded' THEN r.phase
      WHEN d.is_online AND {_ONLINE_S} - m.online_s >= %(overdue_s)s THEN 'overdue'
      WHEN d.is_online AND r.release_id = %(rollout_id)s THEN 'running'
      WHEN d.is_online THEN 'waiting'
      WHEN r.release_id = %(rollout_id)s
        AND r.phase IN ('staged', 'preflight', 'shadow', 'trial', 'rolling_back') THEN 'silent'
      ELSE 'offline'
    END AS standing,
    d.is_online AND (r.serving_release_id = %(rollout_id)s
      OR r.release_id = %(rollout_id)s AND r.document_version < %(version)s
        AND r.phase NOT IN ('rolled_back', 'failed')) AS is_to_return
  FROM rollout_member m
  JOIN device d USING (device)
  LEFT JOIN release_state r ON r.device = m.device AND r.name = %(name)s
  WHERE m.rollout_id = %(rollout_id)s
), trustworthy AS (
  SELECT *, CASE WHEN coalesce((figures->>'{MISMATCH}')::float8, 0) = 0 THEN figures END AS trusted
  FROM standing
)
SELECT wave, standing, count(*), count(*) FILTER (WHERE is_to_return),
  {", ".join(_summed(figure) for figure in FIGURES)}
FROM trustworthy GROUP BY 1, 2
"""  # noqa: S608


def join(cur: Cursor, rollout: Rollout, now: datetime) -> None:
    """Make members of those whom the document offers the release since its last wave."""
    if not rollout.stage.is_exposing:
        return
    cur.execute(_JOIN.encode(), _named(rollout, now))


def begin_again(cur: Cursor, rollout: Rollout, now: datetime) -> None:
    """Let everybody's time to finish begin anew, after a pause or a halt."""
    cur.execute(_AGAIN.encode(), _named(rollout, now))


def count(cur: Cursor, state: State, now: datetime) -> Counts:
    """Return what became of the members until now."""
    rollout = state.rollout
    values = _named(rollout, now) | {
        "name": rollout.plan.name,
        "version": state.line.version,
        "overdue_s": int(timedelta(hours=rollout.plan.finish_within_hours).total_seconds()),
    }
    in_all: Counter[str] = Counter()
    by_wave: defaultdict[int, dict[str, int]] = defaultdict(dict)
    taken = [0.0] * len(FIGURES)
    to_return = 0
    for wave, standing, number, returning, *figures in cur.execute(_COUNT.encode(), values):
        in_all[standing] += int(number)
        by_wave[int(wave)][standing] = int(number)
        to_return += int(returning)
        taken = [a + float(b) for a, b in zip(taken, figures, strict=True)]
    takings = Takings(*(int(value) for value in taken))
    tallies = {wave: _tally(found) for wave, found in by_wave.items()}
    in_wave = tallies.get(rollout.wave, Tally())
    return Counts(rollout.wave, in_wave, _tally(in_all), to_return, takings, tallies)


def _tally(by_standing: Mapping[str, int]) -> Tally:
    members = sum(by_standing.values())
    known = {name: number for name, number in by_standing.items() if name != "offline"}
    return Tally(members=members, **known)


def _named(rollout: Rollout, now: datetime) -> dict[str, object]:
    share = rollout.share if rollout.stage is not Stage.DRAFT else 0.0
    below = min(math.ceil(share * 2**64), 2**64 - 1)
    return {
        "rollout_id": rollout.plan.release.release_id,
        "wave": rollout.wave,
        "now": now,
        "salt": rollout.plan.salt,
        "sites": sorted(rollout.plan.canary),
        "everybody": share >= 1.0,
        "name": rollout.plan.name,
        # Every device ranks, and follows the texts of its shop; whose settings, it says.
        "folder": rollout.plan.release.target.partition("/")[0],
        "below": below.to_bytes(8, "big"),
    }
