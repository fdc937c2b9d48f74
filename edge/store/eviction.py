"""What leaves a full outbox first.

Expired events, then metrics, plays, decisions nobody saw, the rest of engagement; oldest first.
Consents and orders never. Last of all goes the word on what went before: without it central would
take what is missing for lost on the way. The order is kept in an index, so making room never reads the outbox.

Source: decided.md 44 of the design.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.store.place import LANES, lane_no, seq

_NEVER: Final = 0
_METRIC: Final = 1
_PLAY: Final = 2
_UNSEEN_DECISION: Final = 3
_OTHER: Final = 4
_REPORT: Final = 5

REPORT_KIND: Final = "outbox_dropped"

_SLICE: Final = 200


@dataclass(frozen=True, slots=True)
class DroppedRun:
    """Events of one lane that were dropped together."""

    lane: str
    count: int
    bytes: int
    first_seq: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """One eviction."""

    at: datetime
    why: str
    runs: tuple[DroppedRun, ...]


def rank(lane: str, kind: str, *, is_exposed: bool = False) -> int:
    """Return when an event goes: 0 never, 1 first."""
    if lane in "ct":
        return _NEVER
    if kind == REPORT_KIND:
        return _REPORT
    if lane == "m":
        return _METRIC
    if kind == "play":
        return _PLAY
    return _UNSEEN_DECISION if kind == "decision" and not is_exposed else _OTHER


class Eviction:
    """Removes rows of the outbox and keeps the lanes' counters true."""

    def make_room(self, con: sqlite3.Connection, now_ms: int, needed: int) -> list[DroppedRun]:
        """Drop events worth ``needed`` bytes, or all that may go; return what went."""
        gone = _Tally()
        while gone.bytes < needed and (rows := self._expired(con, now_ms, _SLICE)):
            gone.take(con, rows, needed)
        while gone.bytes < needed:
            rows = con.execute(
                "SELECT place, bytes FROM outbox WHERE eviction > 0 ORDER BY eviction, place"
                " LIMIT ?",
                (_SLICE,),
            ).fetchall()
            if not rows:
                break
            gone.take(con, rows, needed)
        return gone.settle(con)

    def expired(self, con: sqlite3.Connection, now_ms: int, limit: int) -> list[DroppedRun]:
        """Drop up to ``limit`` expired events of each rank; return what went."""
        gone = _Tally()
        gone.take(con, self._expired(con, now_ms, limit), None)
        return gone.settle(con)

    def named(self, con: sqlite3.Connection, ids: Iterable[bytes]) -> list[DroppedRun]:
        """Drop the events of these ids that wait; return what went."""
        gone = _Tally()
        for row_id in ids:
            found = con.execute("SELECT place, bytes FROM outbox WHERE id = ?", (row_id,))
            gone.take(con, found.fetchall(), None)
        return gone.settle(con)

    def _expired(self, con: sqlite3.Connection, now_ms: int, limit: int) -> list[tuple[int, int]]:
        # Events of one rank live equally long, so the expired ones are its oldest.
        return [
            row
            for eviction in (_METRIC, _PLAY, _UNSEEN_DECISION, _OTHER)
            for row in con.execute(
                "SELECT place, bytes FROM (SELECT place, bytes, expires_ms FROM outbox"
                " WHERE eviction = ? ORDER BY place LIMIT ?) WHERE expires_ms <= ?",
                (eviction, limit, now_ms),
            )
        ]


class _Tally:
    """Adds up what goes, per lane."""

    def __init__(self) -> None:
        self.bytes = 0
        self._runs: dict[int, DroppedRun] = {}

    def take(
        self, con: sqlite3.Connection, rows: Iterable[tuple[int, int]], needed: int | None
    ) -> None:
        for key, size in rows:
            if needed is not None and self.bytes >= needed:
                return
            con.execute("DELETE FROM outbox WHERE place = ?", (key,))
            self.bytes += size
            number = lane_no(key)
            run = self._runs.get(number, DroppedRun(LANES[number], 0, 0, seq(key), seq(key)))
            self._runs[number] = DroppedRun(
                run.lane,
                run.count + 1,
                run.bytes + size,
                min(run.first_seq, seq(key)),
                max(run.last_seq, seq(key)),
            )

    def settle(self, con: sqlite3.Connection) -> list[DroppedRun]:
        for number, run in self._runs.items():
            con.execute(
                "UPDATE outbox_lane SET waiting = waiting - ?, bytes = bytes - ?,"
                " dropped = dropped + ? WHERE lane = ?",
                (run.count, run.bytes, run.count, number),
            )
        return [self._runs[number] for number in sorted(self._runs)]
