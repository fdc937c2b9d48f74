"""The answer to "Why these?": the main reason, what was used, and what was not.

It says what the computation had, from the parts of its scores; there is no other story.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.catalog.entry import Words
from edge.catalog.product import Product
from edge.catalog.site import Site
from edge.decide.reasons import OFFER_PART
from edge.decide.values import Reason, Shown, Slate
from edge.web.as_shown import offer_as_shown, own_explanation


class Used(StrEnum):
    """Something a row was chosen with."""

    HOUR = "hour"
    SALES = "sales"
    COUNTS = "counts"
    BASKET = "basket"
    TASTES = "tastes"
    """What a recognised customer bought here before, or what goes with what they like."""
    WISHES = "wishes"
    """What they told us themselves: stars, "less of this", mutes."""
    SURPRISE = "surprise"
    """That they asked for surprises."""
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
    "tastes": Used.TASTES,
    "wishes": Used.WISHES,
    "surprise": Used.SURPRISE,
}
"""What each part of a score is, for a person."""

PERSONAL: Final = frozenset({Used.TASTES, Used.WISHES, Used.SURPRISE})
"""What only a recognised customer's row can have been chosen with."""

REASONS: Final = {
    Reason.TIME_OF_DAY: Used.HOUR,
    Reason.POPULAR_NOW: Used.SALES,
    Reason.POPULAR_HERE: Used.COUNTS,
    Reason.GOES_WITH_BASKET: Used.BASKET,
    Reason.PAST_ORDERS_HERE: Used.TASTES,
    Reason.YOUR_USUAL: Used.TASTES,
    Reason.GOES_WITH_TASTES: Used.TASTES,
    Reason.NEW_FOR_YOU: Used.TASTES,
    Reason.STATED_TASTE: Used.WISHES,
    Reason.SOMETHING_DIFFERENT: Used.CHANCE,
    Reason.LOW_PRICE: Used.TEAM,
    Reason.NEW_HERE: Used.TEAM,
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
    own: Words | None = None
    """The shop's own sentence; None: that of the reason."""


@dataclass(frozen=True, slots=True)
class Why:
    """An explained row."""

    decision_id: str
    items: tuple[WhyItem, ...]
    used: tuple[Used, ...]
    uses_tastes: bool
    """Anything of a recognised customer was used: what they bought, or told us."""


def why(
    site: Site, slate: Slate, *, has_filter: bool, has_fewer: bool, has_muted: bool = False
) -> Why:
    """Return ``slate`` explained; a filter, a wish for fewer and mutes leave things out."""
    used = {REASONS[shown.reason] for shown in slate.shown}
    parts = {name for shown in slate.shown for name, value in shown.parts.items() if value}
    named = {PARTS[name] for name in parts if name in PARTS}
    # A model that could not be used had no hour and no basket to look at.
    used |= named if slate.degraded is None else named & PERSONAL
    used |= {Used.WISHES} if has_muted else set()
    used |= {_of_offer(site, shown) for shown in slate.shown if shown.parts.get(OFFER_PART)}
    used |= {Used.CHANCE} if any(shown.is_explored for shown in slate.shown) else set()
    used |= {Used.ALLERGENS} if has_filter else set()
    used |= {Used.FEWER} if has_fewer else set()
    return Why(
        decision_id=slate.decision_id,
        items=tuple(_items(site, slate)),
        used=tuple(one for one in Used if one in used),
        uses_tastes=bool(PERSONAL & used),
    )


def _items(site: Site, slate: Slate) -> Iterator[WhyItem]:
    for shown in slate.shown:
        product, offer = site.product(shown.sku), offer_as_shown(site, slate, shown)
        if product is not None:
            pictured = offer.pictured(product) if offer else product
            yield WhyItem(pictured, shown.reason, own_explanation(site, slate, shown))


def _of_offer(site: Site, shown: Shown) -> Used:
    """Say who raised an offer: it moved in the row even where that is not its main reason."""
    if shown.is_sponsored:
        return Used.SUPPLIER
    offer = site.offer(shown.offer_id)
    return Used.WEATHER if offer is not None and offer.weather is not None else Used.TEAM
