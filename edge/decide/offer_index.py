"""The offers of a catalog by where they belong, so that no request looks at the others.

Made once per catalog: ten thousand offers for other screens cost a request nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.catalog.offer import Offer
from edge.catalog.site import Site
from edge.policy.conditions import Conditions, compile_all
from edge.policy.offers import belongs_to


@dataclass(frozen=True, slots=True)
class OfferIndex:
    """What a shelf needs of a catalog's offers."""

    of_placement: Mapping[str, tuple[Offer, ...]]
    """Placement -> the offers written for it, in the order of the catalog."""
    rank: Mapping[str, int]
    """Offer -> its place in the catalog: of two for one product, the first proposes it."""
    with_stock: tuple[Offer, ...]
    """Those that need so many of something to be left."""
    conditions: Conditions


def offer_index(site: Site) -> OfferIndex:
    """Return the index of ``site``; a placement with a row of somebody's own has no offers."""
    return OfferIndex(
        of_placement={
            place.id: ()
            if place.personal
            else tuple(offer for offer in site.offers if belongs_to(offer, place))
            for place in site.placements
        },
        rank={offer.offer: rank for rank, offer in enumerate(site.offers)},
        with_stock=tuple(offer for offer in site.offers if offer.needs.stock),
        conditions=compile_all(offer.eligible_when for offer in site.offers),
    )
