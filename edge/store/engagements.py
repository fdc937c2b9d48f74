"""What happened to what was shown: seen, tapped, added, dismissed, painted on a board.

Kept 30 days. A repeat of the same event id changes nothing, so a page may send again.
"""

import sqlite3
from datetime import datetime

from edge.core.errors import ContractError
from edge.decide.engagement import ENGAGEMENT_KINDS, Engagement
from edge.store.moment import from_ms, to_ms
from edge.store.row_id import from_row, to_row


class Engagements:
    """The ``engagement`` table. Every method runs inside the caller's transaction."""

    def add(self, con: sqlite3.Connection, engagement: Engagement) -> bool:
        """Keep ``engagement``; return False when its id was here before."""
        cursor = con.execute(
            "INSERT OR IGNORE INTO engagement(id, kind, decision_id, slot, screen_id, visit_id,"
            " at_ms, dwell_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                to_row(engagement.event_id),
                engagement.kind,
                to_row(engagement.decision_id),
                engagement.slot,
                engagement.screen_id,
                engagement.visit_id,
                to_ms(engagement.at),
                engagement.dwell_ms,
            ),
        )
        return cursor.rowcount == 1

    def of_decision(self, con: sqlite3.Connection, decision_id: str) -> list[Engagement]:
        """Return what happened to a decision's slots, in the order it was recorded."""
        try:
            row_id = to_row(decision_id)
        except ContractError:
            return []
        rows = con.execute(
            "SELECT id, kind, decision_id, slot, screen_id, visit_id, at_ms, dwell_ms"
            " FROM engagement WHERE decision_id = ? ORDER BY n",
            (row_id,),
        )
        return [_engagement(row) for row in rows]

    def delete_of(self, con: sqlite3.Connection, decision_id: bytes) -> list[str]:
        """Delete what happened to a decision's slots; return the ids of those events."""
        rows = con.execute(
            "DELETE FROM engagement WHERE decision_id = ? RETURNING id", (decision_id,)
        )
        return [from_row(row[0]) for row in rows.fetchall()]

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete up to ``limit`` of the oldest rows from before ``at``; return how many."""
        cursor = con.execute(
            "DELETE FROM engagement WHERE n IN"
            " (SELECT n FROM engagement ORDER BY n LIMIT ?) AND at_ms < ?",
            (limit, to_ms(at)),
        )
        return cursor.rowcount


def _engagement(
    row: tuple[bytes, str, bytes, int | None, str, str | None, int, int | None],
) -> Engagement:
    event_id, kind, decision_id, slot, screen_id, visit_id, at_ms, dwell_ms = row
    return Engagement(
        event_id=from_row(event_id),
        kind=next(known for known in ENGAGEMENT_KINDS if known == kind),
        decision_id=from_row(decision_id),
        slot=slot,
        screen_id=screen_id,
        visit_id=visit_id,
        at=from_ms(at_ms),
        dwell_ms=dwell_ms,
    )
