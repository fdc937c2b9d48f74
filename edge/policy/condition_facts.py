"""The facts that an offer's condition may name: the moment, the shop and the basket, no person.

A fact that is not known is left out, never guessed: a condition that needs it is then not met.
*Moving* facts change with the visit, or faster than a shelf is made; all others stand for as long
as a shelf does (``edge.decide.shelf.shelf_key`` holds what they depend on).

Source: decided.md 19, 20, 22.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from edge.catalog.product import Product
from edge.catalog.site import WEEKDAYS
from edge.context.moment import Context

Kind = Literal["DOUBLE", "INT", "BOOL", "STRING", "LIST"]
"""As CEL names them; LIST is a list of texts."""

FactValue = float | int | bool | str | list[str]

STANDING: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "weather.temp_c": "DOUBLE",
        "weather.is_wet": "BOOL",
        "site.open": "BOOL",
        "site.daypart": "STRING",
        "time.hour": "INT",
        "time.weekday": "STRING",
        "time.day": "INT",
        "time.month": "INT",
        "trend.skus": "LIST",
    }
)
"""Name -> kind of what holds for everybody while a shelf does."""

MOVING: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "kitchen.load": "DOUBLE",
        "basket.skus": "LIST",
        "basket.categories": "LIST",
        "basket.count": "INT",
        "basket.total_minor": "INT",
    }
)
"""Name -> kind of what is looked at again for each request."""

FACTS: Final[Mapping[str, Kind]] = MappingProxyType({**STANDING, **MOVING})


def standing_facts(context: Context) -> dict[str, FactValue]:
    """Return what is known of ``STANDING``; hours and days are the shop's own."""
    local_at = context.local_at
    facts: dict[str, FactValue] = {
        "site.open": context.is_open,
        "time.hour": local_at.hour,
        "time.weekday": WEEKDAYS[local_at.weekday()],
        "time.day": local_at.day,
        "time.month": local_at.month,
        "trend.skus": list(context.trend),
    }
    if context.daypart_id is not None:
        facts["site.daypart"] = context.daypart_id
    if context.weather is not None:
        facts["weather.temp_c"] = float(context.weather.temp_c)
        facts["weather.is_wet"] = context.weather.is_wet
    return facts


def moving_facts(context: Context, basket: Sequence[Product]) -> dict[str, FactValue]:
    """Return what is known of ``MOVING``; a price that is not known leaves the total unknown."""
    prices = [product.price_minor for product in basket]
    known = [price for price in prices if price is not None]
    facts: dict[str, FactValue] = {
        "basket.skus": [product.sku for product in basket],
        "basket.categories": [product.category for product in basket],
        "basket.count": len(basket),
    }
    if len(known) == len(prices):
        facts["basket.total_minor"] = sum(known)
    if context.kitchen_load is not None:
        facts["kitchen.load"] = float(context.kitchen_load)
    return facts
