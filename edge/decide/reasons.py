"""The reason for what is shown is the largest part of its score, never a story told later.

Source: the additive model of the design; faithfulness means that without the named part the
score would have been lower, which a positive part guarantees.
"""

from collections.abc import Mapping
from typing import Final

from edge.catalog.offer import Offer
from edge.catalog.placement import PersonalRow
from edge.decide.values import Reason
from edge.decide.wishes import SURPRISE_PART, WISHES_PART

OFFER_PART: Final = "offer"
"""The part that the shop's own priority adds."""

HISTORY_PART: Final = "history"
"""The model's part for what the customer bought; 0 for what they never did."""

BASKET_PART: Final = "basket"
"""The model's part for what goes with the basket."""

TASTES_PART: Final = "tastes"
"""The model's part for what goes with a product the customer likes, in the rows about that."""

_REASON_OF_PART: Final[Mapping[str, Reason]] = {
    "moment": Reason.TIME_OF_DAY,
    "trend": Reason.POPULAR_NOW,
    BASKET_PART: Reason.GOES_WITH_BASKET,
    HISTORY_PART: Reason.PAST_ORDERS_HERE,
    WISHES_PART: Reason.STATED_TASTE,
    SURPRISE_PART: Reason.STATED_TASTE,
    "popularity": Reason.POPULAR_HERE,
}


def reason_for(parts: Mapping[str, float], offer: Offer | None) -> Reason | None:
    """Return the reason of the largest positive part, or None when nothing speaks for it.

    Ties go to the part that stands first, so that two kiosks say the same.
    """
    name = _largest(parts)
    if name is None:
        return None
    if name == OFFER_PART and offer is not None:
        return _offer_reason(offer)
    return _REASON_OF_PART.get(name, Reason.POPULAR_HERE)


def reason_in_personal_row(row: PersonalRow, parts: Mapping[str, float]) -> Reason | None:
    """Return the reason for which a product belongs into a customer's own row, or None.

    The two rows of what they never bought share nothing: where their taste is the main thing,
    it goes with what they like; where it speaks for it too, it is new for them.
    """
    if row == "usual":
        speaks = parts.get(HISTORY_PART, 0.0) > 0 or parts.get(WISHES_PART, 0.0) > 0
        return Reason.YOUR_USUAL if speaks else None
    if parts.get(TASTES_PART, 0.0) <= 0:
        return None
    is_main = _largest(parts) == TASTES_PART
    if row == "tastes":
        return Reason.GOES_WITH_TASTES if is_main else None
    return None if is_main else Reason.NEW_FOR_YOU


def is_for_basket(reason: Reason, parts: Mapping[str, float]) -> bool:
    """Return whether the basket is a reason: the main one, or beside what they like."""
    if reason in (Reason.PAST_ORDERS_HERE, Reason.STATED_TASTE):
        return parts.get(BASKET_PART, 0.0) > 0
    return reason is Reason.GOES_WITH_BASKET


def _largest(parts: Mapping[str, float]) -> str | None:
    name = max(parts, key=parts.__getitem__, default=None)
    return None if name is None or parts[name] <= 0 else name


def _offer_reason(offer: Offer) -> Reason:
    if offer.sponsored:
        return Reason.SPONSORED
    if offer.weather is not None:
        return Reason.WEATHER
    return Reason.STAFF_PICK if offer.staff_pick else Reason.HOUSE_FAVOURITE
