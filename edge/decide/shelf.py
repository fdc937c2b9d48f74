"""What can be proposed here and now, to anybody: made when something changes, not per request.

A shelf holds for one moment of the shop: an hour of a weekday, a daypart, a stock, a trend, a
weather. It carries the model's parts that depend on these alone (the base vector), so that a
request costs one small graph.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.strategy import StrategyName
from edge.context.moment import Context
from edge.decide.bundle import Bundle
from edge.decide.eligible_offers import Now, Standing, now, standing_offers
from edge.decide.sold import NOTHING_SOLD, Sold
from edge.decide.strategies.for_everybody import FOR_EVERYBODY, Stall, Valued
from edge.policy.eligibility import placement_rule, standing_rule
from edge.recommend.features import encode_context


@dataclass(frozen=True, slots=True)
class PlacementShelf:
    """What one placement may show: a mask over the model's items, and what was left out."""

    available: NDArray[np.bool_]
    unscored: tuple[int, ...]  # places in site.products that are eligible but have no score
    standing: Standing
    """What authored offers may propose here, as far as it does not depend on the visit."""
    suppressed: Mapping[str, tuple[str, ...]]  # rule -> ids of products and offers
    by_strategy: Mapping[StrategyName, Valued]
    """What the placement's strategies give anybody."""
    eligible: frozenset[str]
    """The skus that may be shown."""

    @property
    def offers(self) -> Mapping[str, Offer]:
        """Sku -> the authored offer that proposes it to anybody."""
        return self.standing.offers


@dataclass(frozen=True, slots=True)
class Shelf:
    """What can be proposed in ``context``; ``base`` is float32[N, 2], moment and trend."""

    bundle: Bundle
    context: Context
    sold_out: frozenset[str]
    sold: Sold
    base: NDArray[np.float32]
    now: Now
    """The offers' side of it."""
    _placements: dict[str, PlacementShelf] = field(default_factory=dict)

    def moved_to(self, context: Context) -> Self:
        """Return the same shelf at another moment with the same ``shelf_key``."""
        return replace(self, context=context, now=replace(self.now, context=context))

    def at(self, placement: Placement) -> PlacementShelf:
        """Return what ``placement`` may show, worked out at its first request."""
        known = self._placements.get(placement.id)
        if known is None:
            # Two threads may work it out at once; both get the same, so the last one stays.
            known = _placement_shelf(self, placement)
            self._placements[placement.id] = known
        return known


def shelf_key(
    context: Context, sold_out: AbstractSet[str], short: AbstractSet[str] = frozenset()
) -> tuple[object, ...]:
    """Return what a shelf depends on: as long as this stays equal, the shelf holds."""
    return (
        context.local_at.date(),
        context.local_at.hour,
        context.daypart_id,
        context.is_open,
        context.weather,
        tuple(context.trend.items()),
        frozenset(sold_out),
        frozenset(short),
    )


def stock_shelf(
    bundle: Bundle,
    context: Context,
    sold_out: frozenset[str],
    short: frozenset[str] = frozenset(),
    sold: Sold = NOTHING_SOLD,
) -> Shelf:
    """Make the shelf of ``context``: encode the moment and the trend once for everybody.

    Args:
        bundle: The catalog and its ranker.
        context: The moment.
        sold_out: Skus of which nothing is left.
        short: Offers of which too little is left (``edge.policy.offers.short_of``).
        sold: What was ordered here, for strategies.
    """
    trend = np.zeros(len(bundle.products), dtype=np.float32)
    for sku, count in context.trend.items():
        item = bundle.item_of.get(sku)
        if item is not None:
            trend[item] = count
    base = bundle.scoring.base(encode_context(context.local_at), trend)
    return Shelf(
        bundle=bundle,
        context=context,
        sold_out=sold_out,
        sold=sold,
        base=base,
        now=now(bundle.offers, context, short),
    )


def _placement_shelf(shelf: Shelf, placement: Placement) -> PlacementShelf:
    bundle = shelf.bundle
    left_out: dict[str, list[str]] = {}
    eligible: list[bool] = []
    for product in bundle.site.products:
        rule = standing_rule(product, shelf.context, shelf.sold_out) or placement_rule(
            product, placement.surface, placement.sections
        )
        eligible.append(rule is None)
        if rule is not None:
            left_out.setdefault(rule.value, []).append(product.sku)
    # The last place answers for items that the shop does not sell (position -1).
    mask = np.array([*eligible, False], dtype=np.bool_)
    standing = standing_offers(shelf.now, placement.id, _missing(shelf, placement))
    return PlacementShelf(
        available=mask[bundle.position_of],
        unscored=tuple(place for place in bundle.unscored if eligible[place]),
        standing=standing,
        by_strategy=_by_strategy(shelf, placement, standing, eligible),
        eligible=frozenset(
            product.sku for product, may in zip(bundle.site.products, eligible, strict=True) if may
        ),
        suppressed={
            rule: tuple(ids) for rule, ids in sorted({**left_out, **standing.suppressed}.items())
        },
    )


def _by_strategy(
    shelf: Shelf, placement: Placement, standing: Standing, eligible: Sequence[bool]
) -> Mapping[StrategyName, Valued]:
    wanted = {one.by for one in placement.strategies} & FOR_EVERYBODY.keys()
    if not wanted:
        return {}
    products = shelf.bundle.site.products
    stall = Stall(
        products=[product for product, may in zip(products, eligible, strict=True) if may],
        offers=standing.offers,
        trend=shelf.context.trend,
        sold=shelf.sold,
    )
    return {name: FOR_EVERYBODY[name](stall) for name in wanted}


def _missing(shelf: Shelf, placement: Placement) -> frozenset[str]:
    """Return what cannot be had, or not be sold on the surface: the parts a bundle may lack."""
    site, surface = shelf.bundle.site, placement.surface
    wanted = {
        sku
        for offer in shelf.bundle.offers.of_placement.get(placement.id, ())
        if offer.is_bundle
        for sku in offer.skus
    }
    return frozenset(
        sku
        for sku in wanted
        if (product := site.product(sku)) is None
        or standing_rule(product, shelf.context, shelf.sold_out) is not None
        or placement_rule(product, surface, frozenset()) is not None
    )


def fallback_skus(shelf: Shelf, placement: Placement) -> Sequence[str]:
    """Return the placement's fallback products that are served now and may be sold there."""
    site = shelf.bundle.site
    found = (site.product(sku) for sku in placement.fallback)
    return [
        product.sku
        for product in found
        if product is not None
        and standing_rule(product, shelf.context, shelf.sold_out) is None
        and placement_rule(product, placement.surface, frozenset()) is None
    ]
