"""What a shopper sees of a product: its card, and the sections of the menu.

Pure: the same shop, visit and stock give the same cards. Words and prices are put into a
language by the templates.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from edge.catalog.allergens import Allergen
from edge.catalog.product import (
    Product,
    allergens_with,
    default_choices,
    fits,
    kcal_with,
    price_with,
)
from edge.catalog.site import Section, Site


class Sale(StrEnum):
    """Whether a kiosk can sell a product right now."""

    ON = "on"
    SOLD_OUT = "sold_out"
    ASK = "ask"
    """Its price or its allergens are not known: a person has to be asked."""


@dataclass(frozen=True, slots=True)
class Card:
    """A product as it stands on the menu, made the way it starts out."""

    product: Product
    sale: Sale
    price_minor: int | None
    is_from: bool
    """Another choice costs more, so the price is said as "from"."""
    kcal: int | None
    allergens: tuple[Allergen, ...]
    needs_choice: bool
    """An answer changes its price or its allergens, so one touch does not add it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What decides which products are on the menu and how they stand there."""

    site: Site
    sold_out: AbstractSet[str]
    daypart_id: str | None
    avoid: frozenset[Allergen]

    def card(self, product: Product) -> Card:
        """Return the card of ``product``."""
        choices = default_choices(product, self.avoid)
        return Card(
            product=product,
            sale=self.sale(product),
            price_minor=price_with(product, choices) if product.price_minor is not None else None,
            is_from=any(
                choice.price_minor > min(c.price_minor for c in group.choices)
                for group in product.options
                if group.pick == "one"
                for choice in group.choices
            ),
            kcal=kcal_with(product, choices),
            allergens=in_order(allergens_with(product, choices)),
            needs_choice=any(
                len({(choice.price_minor, choice.allergens) for choice in group.choices}) > 1
                for group in product.options
                if group.pick == "one"
            ),
        )

    def sale(self, product: Product) -> Sale:
        """Return whether a kiosk can sell ``product`` now."""
        if not product.is_complete():
            return Sale.ASK
        return Sale.SOLD_OUT if product.sku in self.sold_out else Sale.ON

    def products(self, section_id: str | None = None) -> list[Product]:
        """Return what is served now and free of what the shopper avoids, in the menu's order."""
        return [p for p in self.served(section_id) if fits(p, self.avoid)]

    def served(self, section_id: str | None = None) -> list[Product]:
        """Return what is served now, whatever the shopper avoids.

        Outside every daypart, and while the clock is not set, everything is.
        """
        return [
            product
            for product in self.site.products
            if section_id in (None, product.section)
            and (not product.dayparts or self.daypart_id in (None, *product.dayparts))
        ]


@dataclass(frozen=True, slots=True)
class Tab:
    """A section on the rail, and how many of its products can be chosen."""

    section: Section
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """The rail, and the cards of one section."""

    tabs: tuple[Tab, ...]
    section: Section
    cards: tuple[Card, ...]
    hidden: int
    """How many of this section's products the allergen filter hides."""
    relax: tuple[Allergen, ...]
    """When nothing on the whole menu is left: allergens of which one alone leaves something."""


def menu(shelf: Shelf, section_id: str | None) -> Menu:
    """Return the menu at ``section_id``; the first section for None or an unknown one."""
    served = {product.section for product in shelf.served()}
    # A section that serves nothing now (its daypart is over) would be a dead end.
    sections = [s for s in shelf.site.sections if s.id in served] or list(shelf.site.sections)
    current = next((s for s in sections if s.id == section_id), sections[0])
    products = shelf.products(current.id)
    return Menu(
        tabs=tuple(Tab(s, len(shelf.products(s.id)), s.id == current.id) for s in sections),
        section=current,
        cards=tuple(shelf.card(product) for product in products),
        hidden=len(shelf.served(current.id)) - len(products),
        relax=() if shelf.products() else _single_filters(shelf),
    )


def in_order(allergens: Iterable[Allergen]) -> tuple[Allergen, ...]:
    """Return allergens in the order of Annex II, so that lists can be compared at a glance."""
    found = frozenset(allergens)
    return tuple(allergen for allergen in Allergen if allergen in found)


def _single_filters(shelf: Shelf) -> tuple[Allergen, ...]:
    return tuple(
        allergen
        for allergen in in_order(shelf.avoid)
        if any(fits(product, {allergen}) for product in shelf.served())
    )
