"""How many of a product are left, where somebody said so. Unknown means available."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.store.facts import count_up, counter
from edge.store.moment import to_ms

_REVISION = "stock_revision"


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many are left of one sku: 0 is sold out, None is unknown again."""

    sku: str
    available: int | None


class Stock:
    """The ``stock`` table. Every method runs inside the caller's transaction."""

    def set(self, con: sqlite3.Connection, levels: Iterable[StockLevel], at: datetime) -> int:
        """Note levels and return the new revision; a screen compares revisions, not levels."""
        for level in levels:
            if level.available is None:
                con.execute("DELETE FROM stock WHERE sku = ?", (level.sku,))
            else:
                con.execute(
                    "INSERT OR REPLACE INTO stock(sku, available, changed_ms) VALUES (?, ?, ?)",
                    (level.sku, level.available, to_ms(at)),
                )
        return count_up(con, _REVISION)

    def levels(self, con: sqlite3.Connection) -> Mapping[str, int]:
        """Return how many are left of every sku for which that is known."""
        return dict(con.execute("SELECT sku, available FROM stock").fetchall())

    def sold_out(self, con: sqlite3.Connection) -> frozenset[str]:
        """Return the skus of which nothing is left."""
        return frozenset(sku for (sku,) in con.execute("SELECT sku FROM stock WHERE available = 0"))

    def revision(self, con: sqlite3.Connection) -> int:
        """Return the number of changes so far."""
        return counter(con, _REVISION)
