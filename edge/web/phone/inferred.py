"""What is worked out from past orders when it is shown, and kept nowhere: "your usual".

A kiosk chooses it at the moment of the decision, out of what the customer bought for themselves
or starred (``edge/decide/score.py``). Here they see what it is chosen from.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from edge.identity.profile import Purchase

MOST: Final = 5


def usual(purchases: Iterable[Purchase]) -> tuple[tuple[str, int], ...]:
    """Return (sku, on how many days it was bought), most days first; a gift counts for nothing."""
    days = Counter(bought.sku for bought in purchases if not bought.is_gift)
    most_first = sorted(days.items(), key=lambda found: (-found[1], found[0]))
    return tuple(most_first[:MOST])
