"""What is proposed: an offer with its validity and conditions."""

from typing import Annotated, Literal

from pydantic import Field

from edge.catalog.entry import Entry, Id, Minor, Picture, ShopDate, Sku, Words
from edge.catalog.product import Product

SurfaceName = Literal["signage", "kiosk", "tablet", "phone", "pos"]


class WeatherCondition(Entry):
    """The weather an offer needs; a shop that does not know its weather does not meet it."""

    min_temp_c: Annotated[float, Field(ge=-60, le=60)] | None = None
    max_temp_c: Annotated[float, Field(ge=-60, le=60)] | None = None
    wet: bool | None = None


class Offer(Entry):
    """A proposal of one or more products, with its validity and conditions.

    It takes the score of its best product. An offer never changes a price: there is no field.
    """

    offer: Id
    version: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] = 1
    owner: Id
    skus: Annotated[tuple[Sku, ...], Field(min_length=1, max_length=20)]
    headline: Words
    badge: Words | None = None
    pictures: dict[Sku, Picture] = Field(default_factory=dict)
    """The picture of a product while this offer proposes it; a file below ``kiosk_ui/static/art/``."""
    surfaces: Annotated[frozenset[SurfaceName], Field(min_length=1)]
    placements: frozenset[Id] = frozenset()
    """Where it may appear; empty means every placement of its surfaces."""
    valid_from: ShopDate | None = None
    valid_to: ShopDate | None = None
    """The last day, in the shop's own time."""
    dayparts: frozenset[Id] = frozenset()
    weather: WeatherCondition | None = None
    priority: Annotated[float, Field(ge=0, le=3)] = 0.0
    """What the shop adds to the score (log-odds); shown in the explanation as its own part."""
    margin_minor: Minor | None = None
    sponsored: bool = False
    staff_pick: bool = False

    def is_evergreen(self) -> bool:
        """Return whether it has no expiry, daypart or weather condition."""
        return not (self.valid_from or self.valid_to or self.dayparts or self.weather)

    def pictured(self, product: Product) -> Product:
        """Return ``product`` with the picture this offer shows of it, if it has one."""
        picture = self.pictures.get(product.sku)
        return product.model_copy(update={"picture": picture}) if picture else product
