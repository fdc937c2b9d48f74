"""Which consent a decision relied on: so that erasing finds it, and My data can count uses.

Kept 90 days, longer than the decisions themselves, and joined to nobody: whose a record is stands
in ``consent_record``, under a reference that leads to a person only inside their sealed holder.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from edge.decide.values import Basis
from edge.identity.consent import Purpose
from edge.store.moment import to_ms
from edge.store.row_id import to_row


class Bases:
    """The ``decision_basis`` table. Every method runs inside the caller's transaction."""

    def add(
        self, con: sqlite3.Connection, decision_id: str, at: datetime, basis: Sequence[Basis]
    ) -> None:
        """Keep what a decision relied on."""
        con.executemany(
            "INSERT OR IGNORE INTO decision_basis(decision_id, record_id, purpose, at_ms)"
            " VALUES (?, ?, ?, ?)",
            [(to_row(decision_id), one.record_id, one.purpose.value, to_ms(at)) for one in basis],
        )

    def of(self, con: sqlite3.Connection, decision_id: bytes) -> tuple[Basis, ...]:
        """Return what a decision relied on; empty for a guest's."""
        rows = con.execute(
            "SELECT record_id, purpose FROM decision_basis WHERE decision_id = ?", (decision_id,)
        )
        return tuple(Basis(row[0], Purpose(row[1])) for row in rows)

    def decisions_of(self, con: sqlite3.Connection, record_ids: Iterable[str]) -> list[bytes]:
        """Return the ids of the decisions that relied on any of the records."""
        found: set[bytes] = set()
        for record_id in record_ids:
            rows = con.execute(
                "SELECT decision_id FROM decision_basis WHERE record_id = ?", (record_id,)
            )
            found.update(row[0] for row in rows)
        return sorted(found)

    def uses_since(self, con: sqlite3.Connection, record_ids: Iterable[str], at: datetime) -> int:
        """Return how many decisions since ``at`` relied on any of the records."""
        found: set[bytes] = set()
        for record_id in record_ids:
            rows = con.execute(
                "SELECT decision_id FROM decision_basis WHERE record_id = ? AND at_ms >= ?",
                (record_id, to_ms(at)),
            )
            found.update(row[0] for row in rows)
        return len(found)

    def delete_of(self, con: sqlite3.Connection, record_ids: Iterable[str]) -> None:
        """Delete everything that relied on the records."""
        con.executemany(
            "DELETE FROM decision_basis WHERE record_id = ?", [(one,) for one in record_ids]
        )

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete up to ``limit`` rows of decisions made before ``at``; return how many."""
        rows = con.execute(
            "SELECT decision_id, record_id, purpose FROM decision_basis WHERE at_ms < ?"
            " ORDER BY at_ms LIMIT ?",
            (to_ms(at), limit),
        ).fetchall()
        con.executemany(
            "DELETE FROM decision_basis WHERE decision_id = ? AND record_id = ? AND purpose = ?",
            rows,
        )
        return len(rows)
