"""What is behind a personal reason: the product, and when. For its own customer's eyes only.

The reasons on a shared screen name no purchase. The item and its day appear on the customer's
phone, or after they tap "Show details" (decided.md 23). Nothing of this is ever recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge.decide.values import Reason, Recognised, Shown, Slate

_OF_ITSELF: Final = frozenset({Reason.PAST_ORDERS_HERE, Reason.YOUR_USUAL, Reason.STATED_TASTE})
_OF_A_LIKED_ONE: Final = frozenset({Reason.GOES_WITH_TASTES, Reason.NEW_FOR_YOU})


@dataclass(frozen=True, slots=True)
class Detail:
    """What spoke for a shown product; ``sku`` is the product that was bought or starred."""

    sku: str
    days_ago: float | None
    """Since they last bought it here; None: they never did, and gave it a star."""
    is_starred: bool


def details(slate: Slate, recognised: Recognised | None) -> Mapping[int, Detail]:
    """Return slot -> what is behind its reason, from what the customer allows now.

    Slots that were filled for another reason, and facts that were taken back since, are missing.
    """
    if recognised is None:
        return MappingProxyType({})
    found = ((shown.slot, _detail(_behind(slate, shown), recognised)) for shown in slate.shown)
    return MappingProxyType({slot: detail for slot, detail in found if detail is not None})


def _behind(slate: Slate, shown: Shown) -> str | None:
    if shown.reason in _OF_ITSELF:
        return shown.sku
    return slate.because.get(shown.sku) if shown.reason in _OF_A_LIKED_ONE else None


def _detail(sku: str | None, recognised: Recognised) -> Detail | None:
    days = min((one.days_ago for one in recognised.bought if one.sku == sku), default=None)
    is_starred = sku in recognised.starred
    if sku is None or (days is None and not is_starred):
        return None
    return Detail(sku, days, is_starred)
