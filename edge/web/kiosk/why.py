"""The answer to "Why these?": the main reason, what was used, and what was not.

It says what the computation had, from the parts of its scores; there is no other story.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.catalog.product import Product
from edge.catalog.site import Site
from edge.decide.reasons import OFFER_PART
from edge.decide.values import Reason, Shown, Slate


class Used(StrEnum):
    """Something a row was chosen with."""

    HOUR = "hour"
    SALES = "sales"
    COUNTS = "counts"
    BASKET = "basket"
    TASTES = "tastes"
    WEATHER = "weather"
    ALLERGENS = "allergens"
    FEWER = "fewer"
    CHANCE = "chance"
    TEAM = "team"
    SUPPLIER = "supplier"


PARTS: Final = {
    "moment": Used.HOUR,
    "trend": Used.SALES,
    "basket": Used.BASKET,
    "history": Used.TASTES,
}
"""What each part of a score is, for a person."""

REASONS: Final = {
    Reason.TIME_OF_DAY: Used.HOUR,
    Reason.POPULAR_NOW: Used.SALES,
    Reason.POPULAR_HERE: Used.COUNTS,
    Reason.GOES_WITH_BASKET: Used.BASKET,
    Reason.PAST_ORDERS_HERE: Used.TASTES,
    Reason.SOMETHING_DIFFERENT: Used.CHANCE,
    Reason.STAFF_PICK: Used.TEAM,
    Reason.SPONSORED: Used.SUPPLIER,
    Reason.WEATHER: Used.WEATHER,
    Reason.HOUSE_FAVOURITE: Used.TEAM,
}


@dataclass(frozen=True, slots=True)
class WhyItem:
    """One product of the row and its own reason."""

    product: Product
    reason: Reason


@dataclass(frozen=True, slots=True)
class Why:
    """An explained row."""

    decision_id: str
    items: tuple[WhyItem, ...]
    used: tuple[Used, ...]
    uses_tastes: bool


def why(site: Site, slate: Slate, *, has_filter: bool, has_fewer: bool) -> Why:
    """Return ``slate`` explained; a filter and a wish for fewer were used to leave things out."""
    used = {REASONS[shown.reason] for shown in slate.shown}
    if slate.degraded is None:
        # A model that could not be used had no hour and no basket to look at.
        used |= {
            PARTS[name]
            for shown in slate.shown
            for name, value in shown.parts.items()
            if name in PARTS and value
        }
    used |= {_of_offer(site, shown) for shown in slate.shown if shown.parts.get(OFFER_PART)}
    used |= {Used.CHANCE} if any(shown.is_explored for shown in slate.shown) else set()
    used |= {Used.ALLERGENS} if has_filter else set()
    used |= {Used.FEWER} if has_fewer else set()
    return Why(
        decision_id=slate.decision_id,
        items=tuple(_items(site, slate)),
        used=tuple(one for one in Used if one in used),
        uses_tastes=Used.TASTES in used,
    )


def _items(site: Site, slate: Slate) -> Iterator[WhyItem]:
    for shown in slate.shown:
        product, offer = site.product(shown.sku), site.offer(shown.offer_id)
        if product is not None:
            yield WhyItem(offer.pictured(product) if offer else product, shown.reason)


def _of_offer(site: Site, shown: Shown) -> Used:
    """Say who raised an offer: it moved in the row even where that is not its main reason."""
    if shown.is_sponsored:
        return Used.SUPPLIER
    offer = site.offer(shown.offer_id)
    return Used.WEATHER if offer is not None and offer.weather is not None else Used.TEAM
