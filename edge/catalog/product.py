"""A thing sold: its words, price, food facts and the choices it is made with."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Annotated, Literal

from pydantic import Field

from edge.catalog.allergens import Allergen
from edge.catalog.entry import Entry, Id, Minor, Picture, Sku, Till, Words
from edge.catalog.gtin import Gtin


class Choice(Entry):
    """One way to have a product: a size, a milk, a syrup."""

    id: Id
    name: Words
    price_minor: Annotated[int, Field(ge=-1_000_000, le=1_000_000, strict=True)] = 0
    """Added to the product's price; may be negative."""
    kcal: Annotated[int, Field(ge=-5000, le=5000, strict=True)] = 0
    """Added to the product's kcal; may be negative."""
    allergens: frozenset[Allergen] = frozenset()
    till: tuple[Till, ...] = ()
    """The till's own ids for the product in this size, or for this extra."""
    default: bool = False


class OptionGroup(Entry):
    """A question about a product: pick ``one`` choice, or any ``many``."""

    id: Id
    name: Words
    pick: Literal["one", "many"] = "one"
    choices: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=20)]


class Product(Entry):
    """A thing sold. ``allergens=None`` means nobody has said: then no kiosk may sell it."""

    sku: Sku
    name: Words
    description: Words | None = None
    section: Id
    category: Id
    """What a shopper would call the kind of thing; a row is spread over categories."""
    price_minor: Minor | None
    """None: not known yet (a shop made from tickets); then no kiosk may sell it."""
    margin_minor: Minor | None = None
    kcal: Annotated[int, Field(ge=0, le=5000, strict=True)] | None = None
    """None for what is not eaten or drunk as sold."""
    allergens: frozenset[Allergen] | None
    may_contain: frozenset[Allergen] = frozenset()
    tags: frozenset[Id] = frozenset()
    dayparts: frozenset[Id] = frozenset()
    """When it is served; empty means all day."""
    picture: Picture | None = None
    """File name below kiosk_ui/static/art/, without a folder."""
    say: Words | None = None
    """What an associate may say about it, in one sentence."""
    options: tuple[OptionGroup, ...] = ()
    till: tuple[Till, ...] = ()
    """The till's own ids for this product, where they are not those of its choices."""
    gtin: Gtin | None = None
    """The number in its barcode, where it has one: then it can be scanned."""

    def is_complete(self) -> bool:
        """Return whether a kiosk may sell it: price and allergens are known."""
        return self.price_minor is not None and self.allergens is not None


def till_ids(product: Product, *, pick: Literal["one", "many"]) -> tuple[str, ...]:
    """Return the till's ids for ``product`` in its sizes ("one") or for its extras ("many").

    The till counts each size as a product of its own, and an extra for every product it is
    added to: the first tells which product was sold, the second does not.
    """
    own = product.till if pick == "one" else ()
    groups = (group for group in product.options if group.pick == pick)
    return own + tuple(till for group in groups for one in group.choices for till in one.till)


def fits(product: Product, avoid: AbstractSet[Allergen]) -> bool:
    """Return whether ``product`` can be made without any of ``avoid``.

    True only when its own allergens are known and free of them, and every question that needs
    an answer has one that is free of them. "May contain" is shown, not filtered: the notice
    about cross-contact stands beside every filter.
    """
    if not avoid:
        return True
    if product.allergens is None or product.allergens & avoid:
        return False
    needed = (group for group in product.options if group.pick == "one")
    return all(any(not choice.allergens & avoid for choice in group.choices) for group in needed)


def default_choices(product: Product, avoid: AbstractSet[Allergen]) -> tuple[Choice, ...]:
    """Return the choices a product starts with: one per ``one`` group, free of ``avoid`` if possible."""
    return tuple(_start(group, avoid) for group in product.options if group.pick == "one")


def _start(group: OptionGroup, avoid: AbstractSet[Allergen]) -> Choice:
    free = [choice for choice in group.choices if not choice.allergens & avoid]
    pool = free or list(group.choices)
    return next((choice for choice in pool if choice.default), pool[0])


def allergens_with(product: Product, choices: Iterable[Choice]) -> frozenset[Allergen]:
    """Return the allergens of ``product`` made with ``choices``."""
    own = product.allergens or frozenset()
    return own.union(*(choice.allergens for choice in choices))


def price_with(product: Product, choices: Iterable[Choice]) -> int:
    """Return the price in minor units of ``product`` made with ``choices``.

    Raises:
        ValueError: The product has no price; callers ask ``is_complete`` first.
    """
    if product.price_minor is None:
        msg = f"product {product.sku!r} has no price"
        raise ValueError(msg)
    return product.price_minor + sum(choice.price_minor for choice in choices)


def kcal_with(product: Product, choices: Iterable[Choice]) -> int | None:
    """Return the kcal of ``product`` made with ``choices``; None where it has none."""
    if product.kcal is None:
        return None
    return product.kcal + sum(choice.kcal for choice in choices)
