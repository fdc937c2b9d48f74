"""Strategies that know nobody: the same for every visit while a shelf holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.catalog.strategy import StrategyName
from edge.decide.sold import Sold

Valued = tuple[tuple[str, float], ...]
"""Skus and what speaks for each, above 0, best first; ties in the order of the catalog."""

MOST_VALUED: Final = 200
"""The best so many of each strategy; a visit leaves out a few of them."""

NEW_TAG: Final = "new"


@dataclass(frozen=True, slots=True)
class Stall:
    """What a placement may show to anybody now."""

    products: Sequence[Product]
    """Those that may be shown, in the order of the catalog."""
    offers: Mapping[str, Offer]
    trend: Mapping[str, int]
    sold: Sold


def popular(stall: Stall) -> Valued:
    """Return what was ordered most in four weeks."""
    return _by_count(stall, stall.sold.of_month)


def trending(stall: Stall) -> Valued:
    """Return what sells in these minutes."""
    return _by_count(stall, stall.trend)


def recent(stall: Stall) -> Valued:
    """Return what was ordered most in the last day."""
    return _by_count(stall, stall.sold.of_day)


def low_price(stall: Stall) -> Valued:
    """Return what costs least; what has no price is not known to be cheap."""
    priced = [(one.sku, one.price_minor) for one in stall.products if one.price_minor is not None]
    dearest = max((price for _, price in priced), default=0)
    return _best((sku, float(dearest - price + 1)) for sku, price in priced)


def staff_pick(stall: Stall) -> Valued:
    """Return what the team picked; the shop's priority orders it."""
    return _best(
        (one.sku, 1.0 + offer.priority)
        for one in stall.products
        if (offer := stall.offers.get(one.sku)) and offer.staff_pick and not offer.sponsored
    )


def new(stall: Stall) -> Valued:
    """Return what is new here: so tagged, or proposed by an offer that launches it."""
    return _best((one.sku, 1.0) for one in stall.products if _is_new(one, stall.offers))


def _is_new(product: Product, offers: Mapping[str, Offer]) -> bool:
    offer = offers.get(product.sku)
    launches = offer is not None and offer.taxonomy.type == "launch" and not offer.sponsored
    return launches or NEW_TAG in product.tags


def _by_count(stall: Stall, counts: Mapping[str, int]) -> Valued:
    return _best((one.sku, float(counts[one.sku])) for one in stall.products if one.sku in counts)


def _best(valued: Iterable[tuple[str, float]]) -> Valued:
    return tuple(sorted(valued, key=lambda one: -one[1])[:MOST_VALUED])


FOR_EVERYBODY: Final[Mapping[StrategyName, Callable[[Stall], Valued]]] = MappingProxyType(
    {
        "popular": popular,
        "trending": trending,
        "recent": recent,
        "low-price": low_price,
        "staff-pick": staff_pick,
        "new": new,
    }
)
