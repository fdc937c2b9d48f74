"""What was ordered in a span of time, for the trend; the rule that coarsens it is elsewhere.

``edge.context.trend`` turns these into counts that hide every single order.
"""

import sqlite3
from datetime import datetime

from edge.store.moment import to_ms
from edge.store.row_id import from_row


def orders_between(
    con: sqlite3.Connection, start: datetime, end: datetime
) -> list[tuple[str, frozenset[str]]]:
    """Return (order id, its skus) of orders taken in [start, end) and not cancelled."""
    rows = con.execute(
        "SELECT o.id, l.sku FROM shop_order AS o JOIN shop_order_line AS l ON l.order_id = o.id"
        " WHERE o.taken_ms >= ? AND o.taken_ms < ? AND o.state <> 'cancelled' ORDER BY o.n",
        (to_ms(start), to_ms(end)),
    )
    skus: dict[bytes, set[str]] = {}
    for order_id, sku in rows:
        skus.setdefault(order_id, set()).add(sku)
    return [(from_row(order_id), frozenset(found)) for order_id, found in skus.items()]
