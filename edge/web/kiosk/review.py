"""The order before it is sent: its lines, what they cost and hold, and what stands in its way."""

from dataclasses import dataclass
from typing import Final

from edge.catalog.allergens import Allergen
from edge.catalog.order import PricedLine, price
from edge.catalog.product import Product
from edge.core.errors import RequestContractError
from edge.web.kiosk.basket import Basket, BasketLine
from edge.web.kiosk.cards import Card, Sale, Shelf, in_order

SWAPS: Final = 2
"""So many replacements are offered for a line that sold out."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A line of the order; ``swaps`` are offered when it sold out meanwhile."""

    number: int
    priced: PricedLine
    is_sold_out: bool
    allergens: tuple[Allergen, ...]
    avoided: tuple[Allergen, ...]
    swaps: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A whole order. Totals leave sold-out lines out: they will not be made."""

    lines: tuple[ReviewLine, ...]
    count: int
    total_minor: int
    kcal: int | None
    allergens: tuple[Allergen, ...]
    may_contain: tuple[Allergen, ...]

    @property
    def has_sold_out(self) -> bool:
        """Whether a line has to be swapped or removed first."""
        return any(line.is_sold_out for line in self.lines)

    @property
    def can_be_ordered(self) -> bool:
        """Whether there is something, and all of it can be made."""
        return bool(self.lines) and not self.has_sold_out


def review(shelf: Shelf, basket: Basket) -> Review:
    """Return the order that ``basket`` is, with the prices of this moment."""
    found = (_line(shelf, item) for item in basket.lines)
    lines = tuple(line for line in found if line is not None)
    made = [line for line in lines if not line.is_sold_out]
    contains = in_order(a for line in made for a in line.priced.allergens)
    kcals = [line.priced.kcal * line.priced.line.quantity for line in made if line.priced.kcal]
    return Review(
        lines=lines,
        count=sum(line.priced.line.quantity for line in made),
        total_minor=sum(line.priced.total_minor for line in made),
        kcal=sum(kcals) if kcals else None,
        allergens=contains,
        may_contain=tuple(
            a
            for a in in_order(a for line in made for a in line.priced.product.may_contain)
            if a not in contains
        ),
    )


def without_vanished(shelf: Shelf, basket: Basket) -> Basket:
    """Return the basket without lines the catalog does not know any more (it was changed)."""
    for item in basket.lines:
        if _line(shelf, item) is None:
            basket = basket.without(item.number)
    return basket


def _line(shelf: Shelf, item: BasketLine) -> ReviewLine | None:
    try:
        priced = price(shelf.site, item.line)
    except RequestContractError:
        return None
    is_sold_out = shelf.sale(priced.product) is Sale.SOLD_OUT
    return ReviewLine(
        number=item.number,
        priced=priced,
        is_sold_out=is_sold_out,
        allergens=in_order(priced.allergens),
        avoided=in_order(priced.allergens & shelf.avoid),
        swaps=_swaps(shelf, priced.product) if is_sold_out else (),
    )


def _swaps(shelf: Shelf, product: Product) -> tuple[Card, ...]:
    others = [
        other
        for other in shelf.products(product.section)
        if shelf.sale(other) is Sale.ON and other.sku != product.sku
    ]

    def difference(other: Product) -> tuple[bool, int]:
        return (other.category != product.category, abs(_from(other) - _from(product)))

    return tuple(shelf.card(other) for other in sorted(others, key=difference)[:SWAPS])


def _from(product: Product) -> int:
    return product.price_minor or 0
