"""May this product be proposed here and now?

Each rule answers for one product and names itself, so that a decision can say what it left
out and why. Rules that hold for everybody before this screen are *standing*; those that
depend on the visit are the shopper's own.
"""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from edge.catalog.allergens import Allergen
from edge.catalog.product import Product, fits
from edge.context.moment import Context


class Rule(StrEnum):
    """A policy's reason to leave a product out (a suppression)."""

    SOLD_OUT = "sold_out"
    NOT_SERVED_NOW = "not_served_now"
    NOT_ON_SALE = "not_on_sale"
    """Price or allergens are not known, so a kiosk may not sell it nor a board promote it."""
    NOT_IN_PLACEMENT = "not_in_placement"
    IN_BASKET = "in_basket"
    IN_ANOTHER_ROW = "in_another_row"
    """The same page shows it already."""
    FEWER_LIKE_THIS = "fewer_like_this"
    OTHER_ANSWER = "other_answer"
    MUTED = "muted"
    """A recognised customer never wants it suggested. It acts and is never recorded."""
    ALLERGEN = "allergen"
    """The shopper's own filter. It acts and is never recorded (decided.md 35)."""


UNRECORDED = frozenset({Rule.MUTED, Rule.ALLERGEN})
"""Rules that say something about a person: no list names them, or what they left out."""


SELLS_COMPLETE_ONLY = frozenset({"kiosk", "signage", "phone"})
"""Surfaces without a person to ask about a missing price or allergen."""


def standing_rule(product: Product, context: Context, sold_out: AbstractSet[str]) -> Rule | None:
    """Return the rule that keeps ``product`` from everybody now, or None."""
    if product.sku in sold_out:
        return Rule.SOLD_OUT
    if product.dayparts and context.daypart_id not in product.dayparts:
        return Rule.NOT_SERVED_NOW
    return None


def placement_rule(product: Product, surface: str, sections: AbstractSet[str]) -> Rule | None:
    """Return the rule that keeps ``product`` out of a placement, or None."""
    if surface in SELLS_COMPLETE_ONLY and not product.is_complete():
        return Rule.NOT_ON_SALE
    if sections and product.section not in sections:
        return Rule.NOT_IN_PLACEMENT
    return None


def visit_rule(
    product: Product,
    *,
    avoid: AbstractSet[Allergen],
    fewer: AbstractSet[str],
    answers: tuple[frozenset[str], ...],
) -> Rule | None:
    """Return the rule by which this visit leaves ``product`` out, or None.

    The allergen filter comes last: the other rules are recorded, and a product missing from a
    list of theirs would tell what the shopper cannot eat.
    """
    if product.category in fewer:
        return Rule.FEWER_LIKE_THIS
    if any(answer and not answer & product.tags for answer in answers):
        return Rule.OTHER_ANSWER
    if avoid and not fits(product, avoid):
        return Rule.ALLERGEN
    return None
