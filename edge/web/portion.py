"""The one price and kcal a card or a board row can show of a product with choices."""

from dataclasses import dataclass

from edge.catalog.product import Choice, OptionGroup, Product, kcal_with, price_with


@dataclass(frozen=True, slots=True)
class Portion:
    """The cheapest way to have a product; ``is_from``: other choices cost more."""

    price_minor: int
    kcal: int | None
    is_from: bool


def shown_portion(product: Product) -> Portion:
    """Return the portion that the shown price buys, so that price and kcal belong together.

    Raises:
        ValueError: The product has no price; callers ask ``is_complete`` first.
    """
    groups = [group for group in product.options if group.pick == "one"]
    choices = tuple(_cheapest(group) for group in groups)
    return Portion(
        price_minor=price_with(product, choices),
        kcal=kcal_with(product, choices),
        is_from=any(len({c.price_minor for c in group.choices}) > 1 for group in groups),
    )


def _cheapest(group: OptionGroup) -> Choice:
    least = min(choice.price_minor for choice in group.choices)
    cheapest = [choice for choice in group.choices if choice.price_minor == least]
    return next((choice for choice in cheapest if choice.default), cheapest[0])
