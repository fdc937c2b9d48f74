"""Strategies that look at the visit: its basket, and what a recognised customer had before."""

import math
from collections.abc import Collection, Iterable, Sequence

from edge.catalog.product import Product
from edge.decide.candidates import Candidates
from edge.decide.reasons import BASKET_PART
from edge.decide.strategies.for_everybody import Valued
from edge.decide.values import Bought


def also_bought(found: Candidates, products: Sequence[Product]) -> Valued:
    """Return what others had with the basket: the model's part for it alone, above 0."""
    if BASKET_PART not in found.part_names:
        return ()
    part = found.parts[:, found.part_names.index(BASKET_PART)].tolist()
    pairs = zip(found.places.tolist(), part, strict=True)
    return _best((products[place].sku, value) for place, value in pairs if value > 0)


def buy_again(bought: Iterable[Bought], eligible: Collection[str]) -> Valued:
    """Return what this customer had before, most often first."""
    return _best(
        (one.sku, float(one.count))
        for one in sorted(bought, key=lambda one: (one.days_ago, one.sku))
        if one.sku in eligible and one.count > 0 and math.isfinite(one.days_ago)
    )


def _best(valued: Iterable[tuple[str, float]]) -> Valued:
    return tuple(sorted(valued, key=lambda one: -one[1]))
