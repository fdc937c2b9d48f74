"""What a customer told us themselves, as parts of the score with names of their own.

Scores are log-odds, so a weight multiplies the odds: a star of 1.5 makes them 4.5 times as
good, about what three recent purchases of the product do in the shipped models. The weights
are set by rule, not fitted: no data says what a star is worth, and a wish must be felt.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from edge.catalog.product import Product
from edge.decide.candidates import Candidates
from edge.decide.values import Recognised

WISHES_PART: Final = "wishes"
"""Stars, and "less of this"."""

SURPRISE_PART: Final = "surprise"
"""For what they never bought, once they asked for more surprises."""

STAR: Final = 1.5
LESS: Final = -1.5
SURPRISE: Final = 0.5

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"star": STAR, "less": LESS, "surprise": SURPRISE}
)
"""The weights by name, for the explanation."""


def with_wishes(
    found: Candidates, recognised: Recognised, products: Sequence[Product]
) -> Candidates:
    """Add the wishes to the scores; the order is the caller's to make again."""
    if not (recognised.starred or recognised.less):
        return found
    of_product = [_wish(products[place], recognised) for place in found.places.tolist()]
    return found.plus(WISHES_PART, np.array(of_product, dtype=np.float32))


def with_surprises(
    found: Candidates, recognised: Recognised, products: Sequence[Product]
) -> Candidates:
    """Add the wish for more surprises to the scores of what they never bought."""
    if recognised.surprise != "more":
        return found
    bought = {one.sku for one in recognised.bought}
    places = found.places.tolist()
    added = [0.0 if products[place].sku in bought else SURPRISE for place in places]
    return found.plus(SURPRISE_PART, np.array(added, dtype=np.float32))


def _wish(product: Product, recognised: Recognised) -> float:
    """A star is about this very product, so it stands above "less" of its category."""
    if product.sku in recognised.starred:
        return STAR
    return LESS if product.category in recognised.less else 0.0
