"""The reason for what is shown is the largest part of its score, never a story told later.

Source: the additive model of the design; faithfulness means that without the named part the
score would have been lower, which a positive part guarantees.
"""

from collections.abc import Mapping
from typing import Final

from edge.catalog.offer import Offer
from edge.decide.values import Reason

OFFER_PART: Final = "offer"
"""The part that the shop's own priority adds."""

_REASON_OF_PART: Final[Mapping[str, Reason]] = {
    "moment": Reason.TIME_OF_DAY,
    "trend": Reason.POPULAR_NOW,
    "basket": Reason.GOES_WITH_BASKET,
    "history": Reason.PAST_ORDERS_HERE,
    "popularity": Reason.POPULAR_HERE,
}


def reason_for(parts: Mapping[str, float], offer: Offer | None) -> Reason | None:
    """Return the reason of the largest positive part, or None when nothing speaks for it.

    Ties go to the part that stands first, so that two kiosks say the same.
    """
    name = max(parts, key=parts.__getitem__, default=None)
    if name is None or parts[name] <= 0:
        return None
    if name == OFFER_PART and offer is not None:
        return _offer_reason(offer)
    return _REASON_OF_PART.get(name, Reason.POPULAR_HERE)


def _offer_reason(offer: Offer) -> Reason:
    if offer.sponsored:
        return Reason.SPONSORED
    if offer.weather is not None:
        return Reason.WEATHER
    return Reason.STAFF_PICK if offer.staff_pick else Reason.HOUSE_FAVOURITE
