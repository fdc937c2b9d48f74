"""What is worked out from past orders when it is shown, and kept nowhere: "your usual"."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from edge.identity.profile import Purchase

DAYS: Final = 2
"""A product bought on so many different days is bought again."""
MOST: Final = 3


def usual(purchases: Iterable[Purchase]) -> tuple[str, ...]:
    """Return the skus bought on several days, most days first; a gift counts for nothing."""
    days = Counter(bought.sku for bought in purchases if not bought.is_gift)
    again = [(sku, count) for sku, count in days.items() if count >= DAYS]
    again.sort(key=lambda found: (-found[1], found[0]))
    return tuple(sku for sku, _ in again[:MOST])
