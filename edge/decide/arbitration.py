"""Order candidates by what they are worth, where a placement asks for that (``order: value``).

    value = p(take) * worth * e^priority * pressure

p(take) is the model's, calibrated or a prior by rank, without the shop's priority, which has a
factor of its own. Worth is the margin less the cost, raised by the share that lies beyond today's
order. No term is about a person but p, and none is a price: what something costs is the same for
everybody.

Source: decisioning.md 1; decided.md 15.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.decide.bundle import Bundle
from edge.decide.candidates import Candidates
from edge.decide.reasons import OFFER_PART

PRIOR_MARGIN_SHARE: Final = 0.5
"""Of its price, where nobody said what a product leaves: a stated prior, not a measurement."""

PRIOR_MARGIN_MINOR: Final = 100
"""Where not even a price is known."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a candidate's value was made of."""

    take: float
    worth_minor: float
    priority: float
    pressure: float

    @property
    def value(self) -> float:
        """The expected worth of showing it, in minor units."""
        return self.take * self.worth_minor * math.exp(self.priority) * self.pressure


@dataclass(frozen=True, slots=True)
class Arbitrated:
    """Candidates in the order of their value; ``terms`` has one entry for each, by sku."""

    candidates: Candidates
    terms: Mapping[str, Terms]


def by_value(
    found: Candidates,
    offers: Mapping[str, Offer],
    bundle: Bundle,
    pressure: Mapping[str, float],
) -> Arbitrated:
    """Return ``found`` ordered by value; ties go to the place in the catalog.

    Args:
        found: The candidates, best score first.
        offers: Sku -> the offer that proposes it.
        bundle: The catalog, and how scores become probabilities.
        pressure: Offer -> how much it has to catch up, 1 for on time.
    """
    priority = _priority(found)
    takes = _takes(found.score - priority, bundle.scoring.calibration)
    products = bundle.site.products
    terms: list[Terms] = []
    for place, take, raised in zip(
        found.places.tolist(), takes.tolist(), priority.tolist(), strict=True
    ):
        product = products[place]
        offer = offers.get(product.sku)
        pressed = pressure.get(offer.offer, 1.0) if offer else 1.0
        terms.append(Terms(take, worth_minor(product, offer), raised, pressed))
    value = np.array([one.value for one in terms], dtype=np.float64)
    order = np.lexsort((found.places, -value))
    named = {products[p].sku: t for p, t in zip(found.places.tolist(), terms, strict=True)}
    return Arbitrated(found.only(order), named)


def worth_minor(product: Product, offer: Offer | None) -> float:
    """Return what one sale leaves the shop, with what lies beyond today's order; never below 0."""
    margin, beyond, cost = _margin_minor(product), 0.0, 0
    if offer is not None:
        own = offer.value.margin_minor
        own = offer.margin_minor if own is None else own
        margin = margin if own is None else own
        beyond, cost = offer.value.ltv_weight, offer.value.cost_minor
    return max(0.0, (margin - cost) * (1.0 + beyond))


def _margin_minor(product: Product) -> float:
    if product.margin_minor is not None:
        return product.margin_minor
    if product.price_minor is not None:
        return product.price_minor * PRIOR_MARGIN_SHARE
    return PRIOR_MARGIN_MINOR


def _priority(found: Candidates) -> NDArray[np.float32]:
    if OFFER_PART not in found.part_names:
        return np.zeros(len(found), dtype=np.float32)
    return found.parts[:, found.part_names.index(OFFER_PART)]


def _takes(
    score: NDArray[np.float32], calibration: tuple[float, float] | None
) -> NDArray[np.float64]:
    """Return p(take) of each: calibrated, else a prior that falls with the rank."""
    if calibration is None:
        rank = np.empty(len(score), dtype=np.float64)
        rank[np.argsort(-score, kind="stable")] = np.arange(len(score))
        return 1 / (2 + rank)
    a, b = calibration
    return 0.5 + 0.5 * np.tanh((a * score.astype(np.float64) + b) / 2)
