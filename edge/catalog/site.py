"""A whole shop as it is written in its folder."""

from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from edge.catalog.approval import Approver
from edge.catalog.content import Module
from edge.catalog.entry import Entry, Id, Language, Picture, ShopTime, Sku, Words
from edge.catalog.experiments import Experiments
from edge.catalog.explanation import Explanation
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.policy_rules import SHIPPED, PolicyRules
from edge.catalog.product import Product
from edge.core.mistakes import closest

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Daypart(Entry):
    """A named part of the opening day, from ``start`` (included) to ``end``, shop time."""

    id: Id
    name: Words
    during: Words
    """The same inside a sentence: "this morning"."""
    start: ShopTime
    end: ShopTime


class OpeningDay(Entry):
    """When the shop is open on one weekday, shop time; a closed day is left out."""

    opens: ShopTime
    closes: ShopTime


class Section(Entry):
    """A part of the menu, as the shopper sees it."""

    id: Id
    name: Words
    picture: Picture | None = None


class Board(Entry):
    """What one signage screen shows: sections beside a hero placement."""

    id: Id
    name: Words
    sections: Annotated[tuple[Id, ...], Field(min_length=1, max_length=6)]
    hero: Id | None = None
    """A placement with one slot."""


class Answer(Entry):
    """One answer on the associate's guide: products with any of the tags fit."""

    id: Id
    label: Words
    tags: frozenset[Id] = frozenset()
    """Empty: the answer leaves everything in ("no preference")."""
    picture: Picture | None = None


class Question(Entry):
    """A question an associate asks a shopper who cannot decide."""

    id: Id
    ask: Words
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=6)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown; a path; a folder of zones
        near = closest(name, available_timezones())
        msg = f'wanted a time zone such as Europe/London, found "{name}";{near}'.rstrip(";")
        raise ValueError(msg) from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""A name of the IANA time zone database."""


class Controller(Entry):
    """Who is responsible for customers' data, as they read it before they consent."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    address: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    contact: Annotated[str, StringConstraints(min_length=3, max_length=120)]
    """Where to ask, complain or take consent back: an e-mail address or a telephone number."""
    privacy_officer: Annotated[str, StringConstraints(max_length=120)] = ""


HomePage = Annotated[
    str,
    StringConstraints(
        max_length=200,
        pattern=r"^(https://[a-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?/my/$",
    ),
]
"""Such as https://central.example/my/; without TLS on the machine itself only."""


class SiteHeader(Entry):
    """``site.yaml``: who the shop is, where, when open, in which languages."""

    site: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{3,32}$")]
    tenant: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{3,32}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    tagline: Words | None = None
    timezone: TimeZone
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    """Which food-law rules hold: kiosk_ui/region/<region>.toml."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=6)]
    """The first one is the default."""
    opening: Annotated[dict[Weekday, OpeningDay], Field(min_length=1)]
    dayparts: Annotated[tuple[Daypart, ...], Field(min_length=1, max_length=12)]
    controller: Controller | None = None
    """Without one, no customer can consent here, so none is recognised."""
    my_data_at_home: HomePage | None = None
    """Central's page where customers see to their data outside the shop (edge fleet serve)."""


class Site(Entry):
    """A whole shop: the header and all that its folder holds, checked as one.

    Files of a folder: ``site.yaml`` (SiteHeader), ``sections.yaml``, ``products/*.yaml``,
    ``offers/*.yaml``, ``placements.yaml``, ``boards.yaml``, ``guide.yaml``, ``content/*.yaml``
    (Module), ``explain/*.yaml`` (Explanation), ``approvers.yaml`` (Approver): each a list of its entries; ``policy/*.yaml``
    (what it says of PolicyRules, applied in the order of their names) and ``experiments.yaml``
    (Experiments): one entry each.
    """

    header: SiteHeader
    sections: tuple[Section, ...]
    products: tuple[Product, ...]
    offers: tuple[Offer, ...] = ()
    placements: tuple[Placement, ...]
    boards: tuple[Board, ...] = ()
    guide: tuple[Question, ...] = ()
    modules: tuple[Module, ...] = ()
    policy: PolicyRules = SHIPPED
    """What ships, tightened by the market's and the shop's own files."""
    experiments: Experiments = Experiments()
    explanations: tuple[Explanation, ...] = ()
    approvers: tuple[Approver, ...] = ()
    """Empty: who approves is not checked beyond that it is not the owner."""
    digest: str
    """SHA-256 over the folder's texts: which catalog a decision was made with."""

    def product(self, sku: Sku) -> Product | None:
        """Return the product with ``sku``, or None."""
        return self._by_sku.get(sku)

    def product_by_gtin(self, gtin14: str) -> Product | None:
        """Return the product with that barcode number (14 digits), or None."""
        return self._by_gtin.get(gtin14)

    def offer(self, offer_id: str) -> Offer | None:
        """Return the offer ``offer_id``, or None."""
        return next((o for o in self.offers if o.offer == offer_id), None)

    def placement(self, placement_id: str) -> Placement | None:
        """Return the placement ``placement_id``, or None."""
        return next((p for p in self.placements if p.id == placement_id), None)

    def board(self, board_id: str) -> Board | None:
        """Return the board ``board_id``, or None."""
        return next((b for b in self.boards if b.id == board_id), None)

    @cached_property
    def _by_sku(self) -> dict[Sku, Product]:
        return {product.sku: product for product in self.products}

    @cached_property
    def _by_gtin(self) -> dict[str, Product]:
        return {product.gtin: product for product in self.products if product.gtin}
