"""Keep events until the central broker has acknowledged them.

A decision and the event that reports it are written in one transaction, so neither exists without
the other. Delivery is at least once; order within a lane is the order of writing, never of clocks.
When the cap is reached the least valuable go first, and an event says what went. Consents (lane
c) and orders (lane t) never go: when nothing but them is left, new ones are refused aloud.

Source: transactional outbox; decided.md 44 of the design.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.store.eviction import Dropped, DroppedRun, Eviction, rank
from edge.store.moment import from_ms, to_ms
from edge.store.outbox_events import LaneDepth, Outgoing, Waiting, waiting_of
from edge.store.place import LANES, lane_no, place, seq
from edge.store.room import room
from edge.store.row_id import to_row
from edge.store.shrunk import shrink

__all__ = ["LaneDepth", "Outbox", "Outgoing", "Waiting"]

DEFAULT_CAP_BYTES: Final = 1 << 30
DEAD_LETTER_CAP_BYTES: Final = 1 << 20
_STEP_BYTES: Final = 1 << 20


class Outbox:
    """The ``outbox`` tables. Every method runs inside the caller's transaction.

    Args:
        clock: For what is dropped.
        cap_bytes: Most that may wait.
        announce: Makes the event that reports an eviction; None leaves it to the counters.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        cap_bytes: int = DEFAULT_CAP_BYTES,
        announce: Callable[[Dropped], Outgoing] | None = None,
    ) -> None:
        self._clock = clock
        self._cap_bytes = cap_bytes
        self._announce = announce
        self._eviction = Eviction()
        self._last_report_id = ""

    def add(self, con: sqlite3.Connection, events: Sequence[Outgoing]) -> int:
        """Keep ``events``; one that waits already is left alone. Return how many are new.

        Raises:
            StorageUnavailableError: Only consents and orders are left, and the cap is reached.
        """
        lanes = con.execute("SELECT next_seq, bytes FROM outbox_lane ORDER BY lane").fetchall()
        new = [_New(event, shrink(event.body)) for event in events]
        over = sum(row[1] for row in lanes) + sum(one.room for one in new) - self._cap_bytes
        if over > 0:
            return self._add_when_full(con, new, over)
        return self._insert(con, new, [row[0] for row in lanes])

    def oldest(
        self, con: sqlite3.Connection, lane: str, limit: int, *, after: int = -1
    ) -> list[Waiting]:
        """Return up to ``limit`` events of ``lane`` in order, those behind place ``after``."""
        number = LANES.index(lane)
        rows = con.execute(
            "SELECT place, id, created_ms, expires_ms, attempts, crc, body FROM outbox"
            " WHERE place > ? AND place < ? ORDER BY place LIMIT ?",
            (max(after, place(number, 0)), place(number + 1, 0), limit),
        )
        return [waiting_of(lane, row) for row in rows]

    def acknowledge(self, con: sqlite3.Connection, event_ids: Iterable[str]) -> int:
        """Forget events that central has; unknown ids are no error (acks repeat)."""
        return self._remove(con, event_ids)

    def forget(self, con: sqlite3.Connection, event_ids: Iterable[str]) -> int:
        """Take events out that nobody may deliver any more; return how many waited.

        Central is told which numbers went, as of a full outbox, and not what they were about.
        """
        rows = [to_row(event_id) for event_id in event_ids]
        con.executemany("DELETE FROM dead_letter WHERE id = ?", [(row,) for row in rows])
        gone = self._eviction.named(con, rows)
        self._report(con, gone, "erased")
        return sum(run.count for run in gone)

    def refused(self, con: sqlite3.Connection, event_ids: Iterable[str]) -> None:
        """Count an attempt that the broker turned down."""
        rows = ((to_row(event_id),) for event_id in event_ids)
        con.executemany("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", rows)

    def dead_letter(self, con: sqlite3.Connection, event_id: str, reason: str) -> None:
        """Set an event aside that can never be delivered; the oldest go beyond 1 MiB.

        Central is told which number it will not get; unless it is that very word that cannot be
        delivered, or there would be no end to it.
        """
        row = to_row(event_id)
        found = con.execute("SELECT place, bytes FROM outbox WHERE id = ?", (row,)).fetchone()
        con.execute(
            "INSERT OR IGNORE INTO dead_letter(id, lane, seq, reason, at_ms, body)"
            " SELECT id, lane, seq, ?, ?, body FROM outbox WHERE id = ?",
            (reason, to_ms(self._clock()), row),
        )
        self._remove(con, [event_id])
        if found is not None and event_id != self._last_report_id:
            number = seq(found[0])
            run = DroppedRun(LANES[lane_no(found[0])], 1, found[1], number, number)
            self._report(con, [run], "set aside")
        con.execute(
            "DELETE FROM dead_letter WHERE n IN (SELECT n FROM (SELECT n, sum(length(body))"
            " OVER (ORDER BY n DESC) AS kept FROM dead_letter) WHERE kept > ?)",
            (DEAD_LETTER_CAP_BYTES,),
        )

    def mark_exposed(self, con: sqlite3.Connection, decision_id: str) -> None:
        """Raise the worth of a waiting decision, because somebody saw it (``rank``)."""
        con.execute(
            "UPDATE outbox SET eviction = ? WHERE id = ? AND eviction = ?",
            (rank("e", "decision", is_exposed=True), to_row(decision_id), rank("e", "decision")),
        )

    def expire(self, con: sqlite3.Connection, limit: int = 500) -> int:
        """Drop expired events, ``limit`` of each worth; return how many went.

        Only a caller who trusts the clock may call it.
        """
        gone = self._eviction.expired(con, to_ms(self._clock()), limit)
        self._report(con, gone, "expired")
        return sum(run.count for run in gone)

    def depths(self, con: sqlite3.Connection) -> dict[str, LaneDepth]:
        """Return how each lane stands."""
        return {lane: self._depth(con, number) for number, lane in enumerate(LANES)}

    # ---- inside ------------------------------------------------------------------------

    def _insert(self, con: sqlite3.Connection, new: Sequence["_New"], next_seq: list[int]) -> int:
        added = [[0, 0] for _ in LANES]
        for one in new:
            event, body = one.event, one.body
            number = LANES.index(event.lane)
            tally = added[number]
            cursor = con.execute(
                "INSERT OR IGNORE INTO outbox(place, id, eviction, created_ms, expires_ms, bytes,"
                " crc, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    place(number, next_seq[number] + tally[0]),
                    to_row(event.event_id),
                    rank(event.lane, event.kind),
                    to_ms(event.created_at),
                    to_ms(event.expires_at),
                    one.room,
                    zlib.crc32(body),
                    body,
                ),
            )
            if cursor.rowcount:
                tally[0] += 1
                tally[1] += one.room
        for number, (count, size) in enumerate(added):
            if count:
                con.execute(
                    "UPDATE outbox_lane SET next_seq = next_seq + ?, waiting = waiting + ?,"
                    " bytes = bytes + ? WHERE lane = ?",
                    (count, count, size, number),
                )
        return sum(count for count, _ in added)

    def _add_when_full(self, con: sqlite3.Connection, new: Sequence["_New"], over: int) -> int:
        # More than needed, so that the next event does not evict again: each time, an event says
        # what went, and those are not to fill a small outbox.
        more = max(self._cap_bytes // 256, min(self._cap_bytes // 64, _STEP_BYTES))
        gone = self._eviction.make_room(con, to_ms(self._clock()), over + more)
        self._report(con, gone, "outbox full")
        rows = con.execute("SELECT next_seq, bytes FROM outbox_lane ORDER BY lane").fetchall()
        free = self._cap_bytes - sum(row[1] for row in rows)
        kept = [one for one in new if one.event.lane in "ct"]
        if sum(one.room for one in new) <= free:
            kept = list(new)
        elif kept and sum(one.room for one in kept) > free:
            msg = (
                f"wanted room for {len(kept)} consents or orders, but {self._cap_bytes} bytes of "
                "them wait already and none may be dropped; bring the broker back"
            )
            raise StorageUnavailableError(msg)
        self._count_turned_away(con, [one.event for one in new if one not in kept])
        return self._insert(con, kept, [row[0] for row in rows])

    def _count_turned_away(self, con: sqlite3.Connection, events: Sequence[Outgoing]) -> None:
        for event in events:
            con.execute(
                "UPDATE outbox_lane SET dropped = dropped + 1 WHERE lane = ?",
                (LANES.index(event.lane),),
            )

    def _report(self, con: sqlite3.Connection, gone: Sequence[DroppedRun], why: str) -> None:
        if gone and self._announce is not None:
            event = self._announce(Dropped(self._clock(), why, tuple(gone)))
            self._last_report_id = event.event_id
            rows = con.execute("SELECT next_seq FROM outbox_lane ORDER BY lane")
            self._insert(con, [_New(event, shrink(event.body))], [row[0] for row in rows])

    def _remove(self, con: sqlite3.Connection, event_ids: Iterable[str]) -> int:
        removed = [[0, 0] for _ in LANES]
        for event_id in event_ids:
            row = con.execute(
                "DELETE FROM outbox WHERE id = ? RETURNING place, bytes", (to_row(event_id),)
            ).fetchone()
            if row is not None:
                tally = removed[lane_no(row[0])]
                tally[0] += 1
                tally[1] += row[1]
        for number, (count, size) in enumerate(removed):
            if count:
                con.execute(
                    "UPDATE outbox_lane SET waiting = waiting - ?, bytes = bytes - ?"
                    " WHERE lane = ?",
                    (count, size, number),
                )
        return sum(count for count, _ in removed)

    def _depth(self, con: sqlite3.Connection, number: int) -> LaneDepth:
        waiting, size, dropped = con.execute(
            "SELECT waiting, bytes, dropped FROM outbox_lane WHERE lane = ?", (number,)
        ).fetchone()
        oldest = con.execute(
            "SELECT created_ms FROM outbox WHERE place >= ? AND place < ? ORDER BY place LIMIT 1",
            (place(number, 0), place(number + 1, 0)),
        ).fetchone()
        return LaneDepth(waiting, size, dropped, None if oldest is None else from_ms(oldest[0]))


@dataclass(frozen=True, slots=True)
class _New:
    """An event on its way in, with its body as it is stored."""

    event: Outgoing
    body: bytes

    @property
    def room(self) -> int:
        return room(len(self.body))
