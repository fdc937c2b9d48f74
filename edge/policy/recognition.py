"""What may be used of a recognised customer on which surface.

A public screen uses nothing, whoever stands before it. A screen of the shop uses something only
while the customer's own token lives; a beacon alone is no token. Their own phone is theirs. What
is not known here, a surface or a purpose, is used nowhere.

Source: decided.md 2, 22, 29; decisioning.md 3 (raising publicity never enlarges what is used).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Final

from edge.identity.consent import Purpose
from edge.identity.presence import Presented

PUBLICITY: Final[Mapping[str, int]] = MappingProxyType(
    {"phone": 0, "kiosk": 1, "tablet": 1, "pos": 1, "signage": 2}
)
"""How many others may look on: 0 private, 1 semi-private, 2 public."""

_AT_MOST: Final[tuple[frozenset[Purpose], ...]] = (
    frozenset({Purpose.TASTES, Purpose.PAST_ORDERS, Purpose.PHONE_OFFERS}),
    frozenset({Purpose.TASTES, Purpose.PAST_ORDERS}),
    frozenset(),
)
"""By publicity, the purposes that may be used; each is a subset of the one before."""


def permitted(
    surface: str, purposes: AbstractSet[Purpose], presented: Presented | None
) -> frozenset[Purpose]:
    """Return which of ``purposes`` (those in force) may be used on ``surface``.

    Args:
        surface: Where it would be used.
        purposes: What the customer consented to.
        presented: How they showed who they are at this screen; None: they did not, or the
            presence is over.
    """
    publicity = PUBLICITY.get(surface)
    if publicity is None or (publicity > 0 and presented is None):
        return frozenset()
    return _AT_MOST[publicity] & purposes
