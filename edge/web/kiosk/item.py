"""A product being composed: its questions, what is chosen, what that costs and holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from edge.catalog.allergens import Allergen
from edge.catalog.order import MAX_QUANTITY, Line, PricedLine, price
from edge.catalog.product import Choice, OptionGroup, Product, default_choices
from edge.core.errors import RequestContractError
from edge.web.kiosk.cards import Sale, Shelf, in_order

OPTION: Final = "option."
"""Form fields of choices are called "option." and the group's id."""


class Form(Protocol):
    """A submitted form: fields may come more than once."""

    def keys(self) -> Iterable[str]:
        """Return the names of its fields."""

    def getlist(self, key: str) -> list[str]:
        """Return every value of a field."""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One answer to a question, and what of it the shopper wants to avoid."""

    choice: Choice
    is_chosen: bool
    allergens: tuple[Allergen, ...]
    avoided: tuple[Allergen, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """A question with its answers."""

    group: OptionGroup
    choices: tuple[ChoiceView, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A product as it is being composed. ``priced`` is None when a kiosk may not sell it."""

    product: Product
    sale: Sale
    groups: tuple[GroupView, ...]
    quantity: int
    priced: PricedLine | None
    allergens: tuple[Allergen, ...]
    may_contain: tuple[Allergen, ...]
    avoided: tuple[Allergen, ...]
    """What it contains, as chosen, of what the shopper wants to avoid."""


def starting_line(product: Product, avoid: frozenset[Allergen]) -> Line:
    """Return ``product`` the way it starts out, free of ``avoid`` where that is possible."""
    chosen = {choice.id for choice in default_choices(product, avoid)}
    options = {
        group.id: tuple(c.id for c in group.choices if c.id in chosen)
        for group in product.options
        if group.pick == "one"
    }
    return Line(product.sku, options)


def line_from(form: Form, sku: str) -> Line:
    """Return the line a form describes.

    Raises:
        RequestContractError: The quantity is not a number; whether the choices exist is for
            ``edge.catalog.order.price`` to say.
    """
    options = {
        key.removeprefix(OPTION): tuple(form.getlist(key))
        for key in form.keys()  # noqa: SIM118 - a form is not a mapping
        if key.startswith(OPTION)
    }
    text = (form.getlist("quantity") or ["1"])[0]
    if not text.isdecimal() or len(text) > 3:
        msg = f"{sku[:60]}: wanted a quantity from 1 to {MAX_QUANTITY}, got {text[:20]!r}"
        raise RequestContractError(msg)
    return Line(sku, options, min(max(int(text), 1), MAX_QUANTITY))


def item(shelf: Shelf, product: Product, line: Line) -> Item:
    """Return ``product`` composed as ``line`` says.

    Raises:
        RequestContractError: The line asks for a choice the product does not have.
    """
    priced = price(shelf.site, line) if product.is_complete() else None
    chosen = {(c.id) for c in priced.choices} if priced else set()
    contains = priced.allergens if priced else frozenset()
    return Item(
        product=product,
        sale=shelf.sale(product),
        groups=tuple(
            _group(group, _ids(group, line.options, chosen), shelf.avoid)
            for group in product.options
        ),
        quantity=line.quantity,
        priced=priced,
        allergens=in_order(contains),
        may_contain=in_order(product.may_contain - contains),
        avoided=in_order(contains & shelf.avoid),
    )


def _ids(
    group: OptionGroup, options: Mapping[str, tuple[str, ...]], chosen: set[str]
) -> frozenset[str]:
    # A "one" group that the line leaves open was given its starting choice by the price.
    asked = options.get(group.id)
    if asked or group.pick == "many":
        return frozenset(asked or ())
    return frozenset(chosen)


def _group(group: OptionGroup, chosen: frozenset[str], avoid: frozenset[Allergen]) -> GroupView:
    return GroupView(
        group,
        tuple(
            ChoiceView(
                choice,
                is_chosen=choice.id in chosen,
                allergens=in_order(choice.allergens),
                avoided=in_order(choice.allergens & avoid),
            )
            for choice in group.choices
        ),
    )
