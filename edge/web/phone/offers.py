"""What the shop offers to everybody now, as a list on the phone of those who asked for it.

The list is the same for all of them: it is what a menu board may show at this moment, and
nothing about the reader chooses it. So the policies judge it as if it stood on a board, too.
"""

from dataclasses import dataclass

from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.identity.consent import Purpose
from edge.policy.all_rules import suppression
from edge.policy.condition_facts import standing_facts
from edge.policy.conditions import compile_all
from edge.policy.offers import condition_rule, needs_rule, offer_rule
from edge.policy.recognition import PUBLICITY
from edge.policy.scene import Considered, Scene
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
    gone = services.sold_out()
    holding = [
        offer
        for offer in site.offers
        if any(offer_rule(offer, place, context) is None for place in public)
        and needs_rule(offer, missing=gone, short=frozenset()) is None
        and gone.isdisjoint(offer.needs.stock)
        and offer.needs.consent <= {Purpose.PHONE_OFFERS.value}
    ]
    # Nobody has a basket here: a condition about one is not met.
    answers = compile_all(offer.eligible_when for offer in holding).about(standing_facts(context))
    holding = [
        offer for offer in holding if condition_rule(answers.of(offer.eligible_when)) is None
    ]
    found = ((offer, _there(phone, offer, gone)) for offer in holding)
    scene = Scene("signage", PUBLICITY["signage"], context.at, slots=len(holding))
    return tuple(
        PhoneOffer(offer, product)
        for offer, product in found
        if product and suppression(Considered(product, offer), scene, site.policy) is None
    )


def _there(phone: Phone, offer: Offer, gone: frozenset[str]) -> Product | None:
    products = (phone.site.product(sku) for sku in offer.skus if sku not in gone)
    found = next((p for p in products if p is not None and p.is_complete()), None)
    return offer.pictured(found) if found else None
