"""Recorded decisions: enough to explain each one, and to make it again.

Kept 30 days. ``body`` and ``candidates`` are the caller's bytes; the store does not look inside.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from edge.core.errors import ContractError
from edge.decide.values import Basis
from edge.store.basis import Bases
from edge.store.moment import from_ms, to_ms
from edge.store.row_id import from_row, to_row

_COLUMNS = "id, at_ms, screen_id, surface, placement_id, visit_id, body, candidates"


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision as it is kept."""

    decision_id: str  # UUID
    at: datetime
    screen_id: str
    surface: str
    placement_id: str
    visit_id: str | None
    body: bytes  # JSON: what was asked, shown, drawn and left out
    candidates: bytes = b""  # arrays: offers, scores and parts
    basis: tuple[Basis, ...] = ()
    """The consents that it relied on; empty for an anonymous decision."""


class Decisions:
    """The ``decision`` table. Every method runs inside the caller's transaction."""

    def __init__(self) -> None:
        self._bases = Bases()

    def add(self, con: sqlite3.Connection, decision: RecordedDecision) -> None:
        """Keep ``decision``.

        Raises:
            sqlite3.IntegrityError: Its id is taken; two decisions never share one.
        """
        con.execute(
            f"INSERT INTO decision({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
            (
                to_row(decision.decision_id),
                to_ms(decision.at),
                decision.screen_id,
                decision.surface,
                decision.placement_id,
                decision.visit_id,
                decision.body,
                decision.candidates,
            ),
        )
        self._bases.add(con, decision.decision_id, decision.at, decision.basis)

    def get(self, con: sqlite3.Connection, decision_id: str) -> RecordedDecision | None:
        """Return a decision, or None when there is none of that id (any more)."""
        try:
            row_id = to_row(decision_id)
        except ContractError:
            return None
        row = con.execute(
            f"SELECT {_COLUMNS} FROM decision WHERE id = ?",  # noqa: S608 - constant
            (row_id,),
        ).fetchone()
        return None if row is None else _decision(row, self._bases.of(con, row_id))

    def latest(self, con: sqlite3.Connection, limit: int) -> list[RecordedDecision]:
        """Return the last ``limit`` decisions, newest first."""
        rows = con.execute(
            f"SELECT {_COLUMNS} FROM decision ORDER BY n DESC LIMIT ?",  # noqa: S608 - constant
            (limit,),
        ).fetchall()
        return [_decision(row, self._bases.of(con, row[0])) for row in rows]

    def delete(self, con: sqlite3.Connection, decision_id: bytes) -> None:
        """Delete a decision."""
        con.execute("DELETE FROM decision WHERE id = ?", (decision_id,))

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete up to ``limit`` of the oldest decisions made before ``at``; return how many."""
        cursor = con.execute(
            "DELETE FROM decision WHERE n IN"
            " (SELECT n FROM decision ORDER BY n LIMIT ?) AND at_ms < ?",
            (limit, to_ms(at)),
        )
        return cursor.rowcount


def _decision(
    row: tuple[bytes, int, str, str, str, str | None, bytes, bytes], basis: tuple[Basis, ...]
) -> RecordedDecision:
    row_id, at_ms, screen_id, surface, placement_id, visit_id, body, candidates = row
    return RecordedDecision(
        decision_id=from_row(row_id),
        at=from_ms(at_ms),
        screen_id=screen_id,
        surface=surface,
        placement_id=placement_id,
        visit_id=visit_id,
        body=body,
        candidates=candidates,
        basis=basis,
    )
