"""What was painted or sent away of late, with the record of the decision it was of.

From it the counts that caps go by are made again after a restart.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from edge.store.moment import from_ms, to_ms
from edge.store.row_id import from_row


@dataclass(frozen=True, slots=True)
class Since:
    """How far back to look; a board's caps reach further than a visit."""

    visits: datetime
    boards: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A slot, or with None the whole slate, that was painted or sent away."""

    kind: str
    slot: int | None
    at: datetime
    decision_id: str
    screen_id: str
    surface: str
    visit_id: str | None
    body: bytes


def seen_since(con: sqlite3.Connection, since: Since) -> list[Seen]:
    """Return the newest of what was seen, oldest first."""
    boards, visits = to_ms(since.boards), to_ms(since.visits)
    rows = con.execute(
        "SELECT e.kind, e.slot, e.at_ms, d.id, d.screen_id, d.surface, d.visit_id, d.body"
        " FROM engagement AS e JOIN decision AS d ON d.id = e.decision_id"
        " WHERE e.at_ms >= ? AND e.kind IN ('exposure', 'dismiss')"
        " AND (d.surface = 'signage' AND e.at_ms >= ? OR d.visit_id NOTNULL AND e.at_ms >= ?)"
        " ORDER BY e.n DESC LIMIT ?",
        (min(boards, visits), boards, visits, since.limit),
    ).fetchall()
    return [
        Seen(kind, slot, from_ms(at), from_row(decision), screen, surface, visit, body)
        for kind, slot, at, decision, screen, surface, visit, body in reversed(rows)
    ]
