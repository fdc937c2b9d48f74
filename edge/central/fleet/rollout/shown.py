"""Rollouts as they are shown: by the command line, the status interface and the ops page."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from edge.central.fleet.rollout import members
from edge.central.fleet.rollout.gate import Counts, needed
from edge.central.fleet.rollout.rows import name_of, peek
from edge.central.fleet.rollout.state import Rollout, State
from edge.central.postgres import Cursor

MOST_ENTRIES = 200


def rollouts_shown(cur: Cursor) -> list[dict[str, Any]]:
    """Return every rollout, the newest first."""
    rows = cur.execute("SELECT body FROM rollout ORDER BY created_at DESC, rollout_id").fetchall()
    return [_brief(Rollout.model_validate(body)) for (body,) in rows]


def lines_shown(cur: Cursor) -> list[dict[str, Any]]:
    """Return, for every package name, what everybody runs and whether it is halted."""
    rows = cur.execute(
        "SELECT l.name, l.version, l.halted, l.stable->>'release_id', "
        "(SELECT max(version) FROM rollout_document d "
        " WHERE d.name = l.name AND published_at IS NOT NULL) "
        "FROM rollout_line l ORDER BY 1"
    ).fetchall()
    names = ("name", "document_version", "halted", "stable", "published_version")
    return [dict(zip(names, row, strict=True)) for row in rows]


def rollout_shown(cur: Cursor, rollout_id: str, now: datetime) -> dict[str, Any]:
    """Return one rollout with its plan, what was counted, why it failed where, and its log.

    Raises:
        RequestContractError: There is no such rollout.
    """
    return document_of(cur, *looked_at(cur, rollout_id, now))


def looked_at(cur: Cursor, rollout_id: str, now: datetime) -> tuple[State, Counts]:
    """Return one rollout, and what became of its members.

    Raises:
        RequestContractError: There is no such rollout.
    """
    name_of(cur, rollout_id)
    state = peek(cur, rollout_id)
    return state, members.count(cur, state, now)


def document_of(cur: Cursor, state: State, counts: Counts) -> dict[str, Any]:
    """Return a rollout that was looked at as it is shown."""
    plan = state.rollout.plan
    return _brief(state.rollout) | {
        "plan": plan.model_dump(mode="json") | {"canary": sorted(plan.canary)},
        "counts": _counts(state, counts),
        "reasons": _reasons(cur, state),
        "log": _log(cur, plan.release.release_id),
    }


def _brief(rollout: Rollout) -> dict[str, Any]:
    plan = rollout.plan
    return {
        "rollout_id": plan.release.release_id,
        "name": plan.name,
        "version": plan.release.version,
        "stage": rollout.stage.value,
        "wave": rollout.wave,
        "share": rollout.share,
        "since": rollout.since.isoformat(),
        "why": rollout.why,
        "author": rollout.author,
        "approved_by": list(rollout.approved_by),
        "plan_digest": plan.digest,
    }


def _counts(state: State, counts: Counts) -> Mapping[str, Any]:
    rollout = state.rollout
    is_last = rollout.wave + 1 == len(rollout.plan.waves)
    return {
        "wave": asdict(counts.in_wave),
        "all": asdict(counts.in_all),
        "needed": needed(rollout.plan.gate, counts.in_wave, is_last=is_last),
        "to_return": counts.to_return,
        "takings": asdict(counts.takings),
    }


def _reasons(cur: Cursor, state: State) -> dict[str, int]:
    rollout_id = state.rollout.plan.release.release_id
    rows = cur.execute(
        "SELECT reason, count(*) FROM rollout_member JOIN release_state USING (device) "
        "WHERE rollout_id = %(id)s AND release_id = %(id)s AND name = %(name)s "
        "AND phase IN ('failed', 'rolled_back') GROUP BY 1 ORDER BY 2 DESC, 1",
        {"id": rollout_id, "name": state.line.name},
    ).fetchall()
    return {str(reason): int(number) for reason, number in rows}


def _log(cur: Cursor, rollout_id: str) -> list[dict[str, str]]:
    rows = cur.execute(
        "SELECT at, who, what, detail FROM rollout_log WHERE rollout_id = %s "
        "ORDER BY entry DESC LIMIT %s",
        (rollout_id, MOST_ENTRIES),
    ).fetchall()
    return [
        {"at": at.isoformat(), "who": who, "what": what, "detail": detail}
        for at, who, what, detail in reversed(rows)
    ]
