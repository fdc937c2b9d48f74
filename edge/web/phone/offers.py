"""What the shop offers to everybody now, as a list on the phone of those who asked for it.

The list is the same for all of them: it is what a menu board may show at this moment, and
nothing about the reader chooses it.
"""

from dataclasses import dataclass

from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.policy.offers import offer_rule
from edge.web.phone.visit import Phone


@dataclass(frozen=True, slots=True)
class PhoneOffer:
    """An offer that holds now, and one product of it that is there."""

    offer: Offer
    product: Product


def offers(phone: Phone) -> tuple[PhoneOffer, ...]:
    """Return the offers that hold now and whose products are in stock."""
    site, services = phone.site, phone.services
    context = services.context("signage")
    public = [place for place in site.placements if place.surface in {"signage", "phone"}]
    holding = (
        offer
        for offer in site.offers
        if any(offer_rule(offer, place, context) is None for place in public)
    )
    gone = services.sold_out()
    found = ((offer, _there(phone, offer, gone)) for offer in holding)
    return tuple(PhoneOffer(offer, product) for offer, product in found if product)


def _there(phone: Phone, offer: Offer, gone: frozenset[str]) -> Product | None:
    products = (phone.site.product(sku) for sku in offer.skus if sku not in gone)
    found = next((p for p in products if p is not None and p.is_complete()), None)
    return offer.pictured(found) if found else None
