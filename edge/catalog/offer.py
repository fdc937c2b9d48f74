"""What is proposed: an offer with its validity and conditions."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge.catalog.approval import Approval
from edge.catalog.caps import Caps
from edge.catalog.content import ModuleId, ModuleKind
from edge.catalog.entry import Entry, Id, Minor, Picture, ShopDate, Sku, Words
from edge.catalog.explanation import ExplanationId
from edge.catalog.product import Product
from edge.catalog.taxonomy import Links, Needs, Privacy, Sensitivity, Taxonomy, UsedFact, Value

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
    headline: Words = Field(default_factory=dict)
    """What it says; left out, it is filled from ``modules.headline`` when the folder is read."""
    badge: Words | None = None
    legal: Words | None = None
    """What must stand beside it, such as who pays for it."""
    modules: dict[ModuleKind, ModuleId] = Field(default_factory=dict)
    """What it says and shows, from the shop's content."""
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
    taxonomy: Taxonomy = Taxonomy()
    eligible_when: Annotated[str, StringConstraints(max_length=500)] = ""
    """A condition in CEL over facts without a person; "" is always met. What cannot be answered
    is not met."""
    needs: Needs = Needs()
    value: Value = Value()
    caps: Caps = Caps()
    audience_privacy: Privacy = "public"
    sensitivity: Sensitivity = "none"
    tags: frozenset[Id] = frozenset()
    links: Links = Links()
    uses: Annotated[tuple[UsedFact, ...], Field(max_length=8)] = ()
    """Facts about a person that it relies on; none: it relies on nobody."""
    explain: ExplanationId | None = None
    """An explanation of the shop's own (``explain/``) where the offer itself is the reason."""
    is_bundle: bool = False
    """Its products belong together: it is proposed only while each of them is to be had."""
    approvals: tuple[Approval, ...] = ()

    def is_evergreen(self) -> bool:
        """Return whether it has no expiry, daypart or weather condition."""
        return not (self.valid_from or self.valid_to or self.dayparts or self.weather)

    def pictured(self, product: Product) -> Product:
        """Return ``product`` with the picture this offer shows of it, if it has one."""
        picture = self.pictures.get(product.sku)
        return product.model_copy(update={"picture": picture}) if picture else product
