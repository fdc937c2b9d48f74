"""What a shopper wants, priced: lines of products with their choices.

Prices come from the catalog and from nowhere else, so a screen cannot send one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edge.catalog.allergens import Allergen
from edge.catalog.product import Choice, Product, allergens_with, kcal_with, price_with
from edge.catalog.site import Site
from edge.core.errors import RequestContractError

MAX_QUANTITY = 20
MAX_LINES = 40

Service = Literal["eat_in", "take_away"]


@dataclass(frozen=True, slots=True)
class Line:
    """A product with its choices and how many; ``options`` maps a group's id to choice ids."""

    sku: str
    options: Mapping[str, tuple[str, ...]]
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with what it costs and holds; ``unit_minor`` is the price of one."""

    line: Line
    product: Product
    choices: tuple[Choice, ...]
    unit_minor: int
    kcal: int | None
    allergens: frozenset[Allergen]

    @property
    def total_minor(self) -> int:
        """Price of the whole line in minor units."""
        return self.unit_minor * self.line.quantity


@dataclass(frozen=True, slots=True)
class Order:
    """A handed-over order: shown by its number, paid at the counter."""

    order_id: str
    display_no: int
    lines: tuple[PricedLine, ...]
    total_minor: int
    currency: str
    service: Service
    taken_at: datetime
    screen_id: str
    visit_id: str | None


def price(site: Site, line: Line) -> PricedLine:
    """Return ``line`` with its price from the catalog.

    A ``one`` group that the line does not answer takes its starting choice.

    Raises:
        RequestContractError: No such product or choice, a product a kiosk may not sell, two
            answers where one is asked for, or a quantity outside 1 to 20.
    """
    product = site.product(line.sku)
    if product is None or not product.is_complete():
        msg = f"wanted a product on sale, got sku {line.sku[:60]!r}; see the menu"
        raise RequestContractError(msg)
    if not 1 <= line.quantity <= MAX_QUANTITY:
        msg = f"{line.sku}: wanted a quantity from 1 to {MAX_QUANTITY}, got {line.quantity}"
        raise RequestContractError(msg)
    choices = _chosen(product, line.options)
    return PricedLine(
        line=line,
        product=product,
        choices=choices,
        unit_minor=price_with(product, choices),
        kcal=kcal_with(product, choices),
        allergens=allergens_with(product, choices),
    )


def _chosen(product: Product, options: Mapping[str, tuple[str, ...]]) -> tuple[Choice, ...]:
    unknown = set(options) - {group.id for group in product.options}
    if unknown:
        msg = f"{product.sku}: wanted options among {[g.id for g in product.options]}, got {sorted(unknown)}"
        raise RequestContractError(msg)
    chosen: list[Choice] = []
    for group in product.options:
        wanted = options.get(group.id, ())
        found = [choice for choice in group.choices if choice.id in wanted]
        if len(found) != len(set(wanted)) or (group.pick == "one" and len(found) > 1):
            allowed = [choice.id for choice in group.choices]
            msg = f"{product.sku}.{group.id}: wanted {group.pick} of {allowed}, got {list(wanted)}"
            raise RequestContractError(msg)
        if group.pick == "one" and not found:
            found = [next((c for c in group.choices if c.default), group.choices[0])]
        chosen += found
    return tuple(chosen)
