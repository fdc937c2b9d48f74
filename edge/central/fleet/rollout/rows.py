"""Rollouts in PostgreSQL. Every function runs in its caller's transaction.

Whoever changes anything first locks the package name's line, so that two servers, or a server and
a person, never step from the same state.
"""

from dataclasses import dataclass
from datetime import datetime

from edge.central.fleet.rollout.state import Line, Rollout, Said, Stage, State, Stepped
from edge.central.postgres import Cursor
from edge.core.errors import RequestContractError
from edge.wire.rollout import RolloutDocument, document_bytes

_MOVING = [stage.value for stage in Stage if stage.is_out or stage is Stage.ABORTING]


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what, for the log."""

    who: str
    at: datetime


def locked_line(cur: Cursor, name: str, first: Line | None = None) -> Line:
    """Return the line of a package name, and hold it until the transaction ends.

    Args:
        cur: In a transaction.
        name: Of the package.
        first: What it is if nobody has written it yet.

    Raises:
        RequestContractError: There is none, and no ``first``.
    """
    if first is not None:
        cur.execute(
            "INSERT INTO rollout_line(name, version, stable, halted) "
            "SELECT %s, %s, %s::jsonb, %s OR EXISTS (SELECT 1 FROM rollout_line WHERE halted) "
            "ON CONFLICT DO NOTHING",  # a halt is for names that come during it, too
            (name, first.version, _json(first.stable), first.halted),
        )
    row = cur.execute(
        "SELECT version, stable, halted FROM rollout_line WHERE name = %s FOR UPDATE", (name,)
    ).fetchone()
    if row is None:
        msg = f"wanted a package name that was rolled out before, got {name!r}"
        raise RequestContractError(msg)
    version, stable, halted = row
    return Line.model_validate(
        {"name": name, "version": version, "stable": stable, "halted": halted}
    )


def names(cur: Cursor) -> list[str]:
    """Return every package name that has a line."""
    rows = cur.execute("SELECT name FROM rollout_line ORDER BY name").fetchall()
    return [str(name) for (name,) in rows]


def name_of(cur: Cursor, rollout_id: str) -> str:
    """Return the package name of a rollout.

    Raises:
        RequestContractError: There is no such rollout.
    """
    row = cur.execute("SELECT name FROM rollout WHERE rollout_id = %s", (rollout_id,)).fetchone()
    if row is None:
        msg = f"wanted a rollout of `edge fleet rollout list`, got {rollout_id!r}"
        raise RequestContractError(msg)
    return str(row[0])


def locked(cur: Cursor, rollout_id: str) -> State:
    """Return a rollout with its line, and hold both until the transaction ends.

    Raises:
        RequestContractError: There is no such rollout.
    """
    line = locked_line(cur, name_of(cur, rollout_id))
    row = cur.execute(
        "SELECT body FROM rollout WHERE rollout_id = %s FOR UPDATE", (rollout_id,)
    ).fetchone()
    assert row is not None
    return State(line, Rollout.model_validate(row[0]))


def peek(cur: Cursor, rollout_id: str) -> State:
    """Return a rollout with its line, as it is at this moment, to be shown only."""
    row = cur.execute(
        "SELECT body, l.name, version, stable, halted FROM rollout JOIN rollout_line l USING (name) "
        "WHERE rollout_id = %s",
        (rollout_id,),
    ).fetchone()
    assert row is not None
    body, name, version, stable, halted = row
    line = {"name": name, "version": version, "stable": stable, "halted": halted}
    return State(Line.model_validate(line), Rollout.model_validate(body))


def moving(cur: Cursor, name: str) -> str | None:
    """Return the rollout of a package name that is on its way or returning; at most one is."""
    row = cur.execute(
        "SELECT rollout_id FROM rollout WHERE name = %s AND stage = ANY(%s)", (name, _MOVING)
    ).fetchone()
    return None if row is None else str(row[0])


def insert(cur: Cursor, rollout: Rollout) -> None:
    """Add a draft.

    Raises:
        RequestContractError: The id was used before.
    """
    cur.execute(
        "INSERT INTO rollout(rollout_id, name, stage, body, created_at, changed_at) "
        "VALUES (%s, %s, %s, %s::jsonb, %s, %s) ON CONFLICT DO NOTHING",
        (*_columns(rollout), rollout.since, rollout.since),
    )
    if cur.rowcount == 0:
        release_id = rollout.plan.release.release_id
        msg = f"wanted a release id that is new, got {release_id!r} again; see --id"
        raise RequestContractError(msg)


def note_approval(cur: Cursor, rollout: Rollout, by: Entry) -> None:
    """Add one person's word, beside the state, where it can never be changed."""
    cur.execute(
        "INSERT INTO rollout_approval(rollout_id, who, plan_digest, at) VALUES (%s, %s, %s, %s)",
        (rollout.plan.release.release_id, by.who, rollout.plan.digest, by.at),
    )


def check_approvals(cur: Cursor, rollout: Rollout, needed: int) -> None:
    """Return if enough different persons approved exactly this plan, as the rows say.

    The rows only grow; the state beside them is a document that could be edited.

    Raises:
        RequestContractError: They approved another plan, or too few did.
    """
    row = cur.execute(
        "SELECT count(DISTINCT who) FROM rollout_approval WHERE rollout_id = %s "
        "AND plan_digest = %s",
        (rollout.plan.release.release_id, rollout.plan.digest),
    ).fetchone()
    found = int(row[0]) if row else 0
    if found < needed:
        msg = f"wanted {needed} persons who approved plan {rollout.plan.digest}, got {found}"
        raise RequestContractError(msg)


def save(cur: Cursor, stepped: Stepped, by: Entry) -> None:
    """Store what a step or an act gave: state, log, and the document to be published."""
    rollout = stepped.state.rollout
    rollout_id, _, stage, body = _columns(rollout)
    if stepped.said:
        cur.execute(
            "UPDATE rollout SET stage = %s, body = %s::jsonb, changed_at = %s "
            "WHERE rollout_id = %s",
            (stage, body, by.at, rollout_id),
        )
    for said in stepped.said:
        log(cur, rollout.plan.name, rollout_id, said, by)
    if stepped.document is not None:
        save_line(cur, stepped.state.line, stepped.document)


def save_line(cur: Cursor, line: Line, document: RolloutDocument) -> None:
    """Store a line and its next document."""
    cur.execute(
        "UPDATE rollout_line SET version = %s, stable = %s::jsonb, halted = %s WHERE name = %s",
        (line.version, _json(line.stable), line.halted, line.name),
    )
    release_id = document.candidate.release_id if document.candidate else None
    cur.execute(
        "INSERT INTO rollout_document(name, version, release_id, body, made_at) "
        "VALUES (%s, %s, %s, %s::jsonb, %s)",
        (
            document.name,
            document.version,
            release_id,
            document_bytes(document).decode(),
            document.issued_at,
        ),
    )


def log(cur: Cursor, name: str, rollout_id: str | None, said: Said, by: Entry) -> None:
    """Add an entry to the log, which only grows."""
    cur.execute(
        "INSERT INTO rollout_log(name, rollout_id, at, who, what, detail) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (name, rollout_id, by.at, by.who, said.what, said.detail),
    )


def _columns(rollout: Rollout) -> tuple[str, str, str, str]:
    plan = rollout.plan
    return plan.release.release_id, plan.name, rollout.stage.value, rollout.model_dump_json()


def _json(value: object) -> str | None:
    return None if value is None else value.model_dump_json()  # type: ignore[attr-defined]
