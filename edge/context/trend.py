"""What sells here now, so coarsely that no single order shows.

Counts of orders in the last 30 minutes, used only when there are at least 20 orders, an item
only in at least 5 of them, rounded down to multiples of 5. Above those thresholds removing one
visit changes any count by at most one step of 5. The counts are taken on a 10-minute grid, so
that a screen cannot be watched to learn what one shopper just bought.

Source: decided.md 22 of the design.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=30)
GRID: Final = timedelta(minutes=10)
MIN_ORDERS: Final = 20
MIN_ORDERS_PER_ITEM: Final = 5
STEP: Final = 5

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def grid_moment(at: datetime) -> datetime:
    """Return the last 10-minute mark at or before ``at``."""
    return at - (at - _EPOCH) % GRID


def trend(orders: Iterable[AbstractSet[str]]) -> Mapping[str, int]:
    """Return sku -> coarse count, from the sets of skus of the window's orders.

    Empty when fewer than ``MIN_ORDERS`` orders were taken.
    """
    baskets = list(orders)
    if len(baskets) < MIN_ORDERS:
        return {}
    counts = Counter(sku for basket in baskets for sku in basket)
    return {
        sku: count - count % STEP
        for sku, count in sorted(counts.items())
        if count >= MIN_ORDERS_PER_ITEM
    }
