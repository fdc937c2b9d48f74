"""Orders as they were handed over, and the number each was called by.

The number counts from 1 on each of the shop's days and starts again after 999: short enough to
call out, and never twice within sight of each other.
"""

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from edge.core.errors import ContractError
from edge.store.moment import from_ms, to_ms
from edge.store.row_id import from_row, to_row

log = logging.getLogger(__name__)

LAST_DISPLAY_NO: Final = 999
STATES: Final = ("taken", "paid", "ready", "collected", "cancelled")

_COLUMNS: Final = (
    "id, display_no, site_day, service, total_minor, currency, taken_ms, screen_id, visit_id,"
    " state, event_ids"
)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product of an order; ``options`` maps an option group to the chosen ids."""

    sku: str
    options: Mapping[str, tuple[str, ...]]
    quantity: int
    unit_minor: int


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order before it has a number. ``site_day`` is the date in the shop's own time."""

    order_id: str  # UUID
    site_day: date
    service: str
    lines: tuple[OrderLine, ...]
    total_minor: int
    currency: str
    taken_at: datetime
    screen_id: str
    visit_id: str | None


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order on disk; ``event_ids`` are the events that report it."""

    order: NewOrder
    display_no: int
    state: str
    event_ids: tuple[str, ...]


class Orders:
    """The order tables. Every method runs inside the caller's transaction."""

    def next_display_no(self, con: sqlite3.Connection, site_day: date) -> int:
        """Return the number the next order of ``site_day`` is called by."""
        row = con.execute(
            "SELECT display_no FROM shop_order WHERE site_day = ? ORDER BY n DESC LIMIT 1",
            (site_day.isoformat(),),
        ).fetchone()
        return 1 if row is None else row[0] % LAST_DISPLAY_NO + 1

    def add(self, con: sqlite3.Connection, stored: StoredOrder) -> None:
        """Keep an order with its lines."""
        order, row_id = stored.order, to_row(stored.order.order_id)
        con.execute(
            f"INSERT INTO shop_order({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
            (
                row_id,
                stored.display_no,
                order.site_day.isoformat(),
                order.service,
                order.total_minor,
                order.currency,
                to_ms(order.taken_at),
                order.screen_id,
                order.visit_id,
                stored.state,
                " ".join(stored.event_ids),
            ),
        )
        con.executemany(
            "INSERT INTO shop_order_line(order_id, line_no, sku, options, quantity, unit_minor)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    row_id,
                    number,
                    line.sku,
                    json.dumps(dict(line.options)),
                    line.quantity,
                    line.unit_minor,
                )
                for number, line in enumerate(order.lines)
            ),
        )

    def get(self, con: sqlite3.Connection, order_id: str) -> StoredOrder | None:
        """Return an order, or None."""
        try:
            row_id = to_row(order_id)
        except ContractError:
            return None
        row = con.execute(
            f"SELECT {_COLUMNS} FROM shop_order WHERE id = ?",  # noqa: S608 - constant
            (row_id,),
        ).fetchone()
        return None if row is None else self._order(con, row)

    def since(self, con: sqlite3.Connection, at: datetime, limit: int = 500) -> list[StoredOrder]:
        """Return up to ``limit`` orders taken at or after ``at``, oldest first."""
        rows = con.execute(
            f"SELECT {_COLUMNS} FROM shop_order WHERE taken_ms >= ? ORDER BY taken_ms, n LIMIT ?",  # noqa: S608 - constant
            (to_ms(at), limit),
        ).fetchall()
        found: list[StoredOrder] = []
        for row in rows:
            try:
                found.append(self._order(con, row))
            except (ValueError, OverflowError) as error:
                # One damaged row must not keep every other order from the till.
                log.error("order %s cannot be read and is left out: %s", row[0].hex(), error)
        return found

    def set_state(self, con: sqlite3.Connection, order_id: str, state: str) -> bool:
        """Note what a till reports; return False for an order that is not here.

        Raises:
            ContractError: The state is not one of ``STATES``.
        """
        if state not in STATES:
            msg = f"order {order_id}: wanted a state among {', '.join(STATES)}, got {state[:40]!r}"
            raise ContractError(msg)
        cursor = con.execute(
            "UPDATE shop_order SET state = ? WHERE id = ?", (state, to_row(order_id))
        )
        return cursor.rowcount == 1

    def forget_before(self, con: sqlite3.Connection, at: datetime, limit: int) -> int:
        """Delete up to ``limit`` of the oldest orders from before ``at``; return how many."""
        cursor = con.execute(
            "DELETE FROM shop_order WHERE n IN"
            " (SELECT n FROM shop_order ORDER BY n LIMIT ?) AND taken_ms < ?",
            (limit, to_ms(at)),
        )
        return cursor.rowcount

    def _order(
        self,
        con: sqlite3.Connection,
        row: tuple[bytes, int, str, str, int, str, int, str, str | None, str, str],
    ) -> StoredOrder:
        lines = con.execute(
            "SELECT sku, options, quantity, unit_minor FROM shop_order_line"
            " WHERE order_id = ? ORDER BY line_no",
            (row[0],),
        )
        order = NewOrder(
            order_id=from_row(row[0]),
            site_day=date.fromisoformat(row[2]),
            service=row[3],
            lines=tuple(
                OrderLine(sku, {k: tuple(v) for k, v in json.loads(options).items()}, n, unit)
                for sku, options, n, unit in lines
            ),
            total_minor=row[4],
            currency=row[5],
            taken_at=from_ms(row[6]),
            screen_id=row[7],
            visit_id=row[8],
        )
        return StoredOrder(order, row[1], row[9], tuple(row[10].split()))
