"""A very small shop and a ranker whose scores can be read off the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from edge.catalog.allergens import Allergen
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.product import Choice, OptionGroup, Product
from edge.catalog.site import Daypart, OpeningDay, Section, Site, SiteHeader
from edge.context.moment import Context, Weather
from edge.decide.bundle import Bundle, Scoring, bundle
from edge.recommend.ranker import Ranking, RankRequest

NOON: Final = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)

MILK: Final = OptionGroup(
    id="milk",
    name={"en": "Milk"},
    choices=(
        Choice(id="whole", name={"en": "Whole"}, allergens=frozenset({Allergen.MILK})),
        Choice(
            id="oat",
            name={"en": "Oat"},
            allergens=frozenset({Allergen.GLUTEN}),
            price_minor=40,
            kcal=-10,
        ),
    ),
)


def product(sku: str, category: str, *, section: str = "food", **more: object) -> Product:
    """Return a complete product; ``more`` overrides any field."""
    return Product.model_validate(
        {
            "sku": sku,
            "name": {"en": sku.title()},
            "section": section,
            "category": category,
            "price_minor": 300,
            "kcal": 100,
            "allergens": [],
            **more,
        }
    )


PRODUCTS: Final = (
    product("tea", "drink", section="drinks"),
    product("latte", "drink", section="drinks", options=[MILK.model_dump()]),
    product("scone", "scone", allergens=["gluten", "milk"]),
    product("bun", "scone", allergens=["gluten"]),
    product("salad", "salad", tags=["light"]),
    product("porridge", "porridge", dayparts=["breakfast"]),
    product("mystery", "other", allergens=None),
)

HEADER: Final = SiteHeader(
    site="corner-cafe",
    tenant="demo",
    name="Corner Cafe",
    timezone="Europe/London",
    currency="GBP",
    region="gb",
    languages=("en",),
    opening={day: OpeningDay(opens=time(7), closes=time(18)) for day in ("mon", "tue")},
    dayparts=(
        Daypart(
            id="breakfast",
            name={"en": "Breakfast"},
            during={"en": "this morning"},
            start=time(7),
            end=time(11),
        ),
        Daypart(
            id="lunch",
            name={"en": "Lunch"},
            during={"en": "this lunchtime"},
            start=time(11),
            end=time(18),
        ),
    ),
)

STRIP: Final = Placement(
    id="strip", surface="kiosk", slots=3, spread=1, explore_slot=2, fallback=("bun", "tea")
)
PLAIN: Final = Placement(id="plain", surface="pos", slots=10)
NUDGE: Final = Placement(id="nudge", surface="kiosk", slots=1, needs_basket=True, fallback=("tea",))


def site(
    *, offers: tuple[Offer, ...] = (), placements: tuple[Placement, ...] = (STRIP, PLAIN, NUDGE)
) -> Site:
    """Return the corner cafe."""
    return Site(
        header=HEADER,
        sections=(
            Section(id="food", name={"en": "Food"}),
            Section(id="drinks", name={"en": "Drinks"}),
        ),
        products=PRODUCTS,
        offers=offers,
        placements=placements,
        digest="d" * 64,
    )


def context(
    at: datetime = NOON, *, weather: Weather | None = None, trend: Mapping[str, int] | None = None
) -> Context:
    """Return the moment ``at`` (UTC) in the corner cafe."""
    local_at = at.astimezone(ZoneInfo("Europe/London"))
    daypart = "breakfast" if local_at.hour < 11 else "lunch"
    return Context(
        at=at,
        local_at=local_at,
        daypart_id=daypart,
        is_open=True,
        weather=weather,
        kitchen_load=None,
        trend=trend or {},
    )


ITEMS: Final = ("tea", "latte", "scone", "bun", "salad", "porridge", "mystery")


@dataclass(frozen=True)
class TableRanker:
    """A ranker whose moment part is a table, and whose basket part is a table of pairs."""

    moment: Mapping[str, float]
    pairs: Mapping[tuple[str, str], float] = field(default_factory=dict)
    items: tuple[str, ...] = ITEMS
    name: str = "table"
    digest: str = "table-1"
    part_names: tuple[str, ...] = ("moment", "trend", "basket")

    def rank(self, request: RankRequest) -> Ranking:
        """Return all items that may be shown, best first, ties by position."""
        parts = np.zeros((len(self.items), 3), dtype=np.float32)
        parts[:, 0] = [self.moment.get(sku, 0.0) for sku in self.items]
        parts[:, 1] = request.base[:, 1]
        inside = [self.items[item] for item in request.basket.tolist()]
        for item, sku in enumerate(self.items):
            parts[item, 2] = sum(self.pairs.get((had, sku), 0.0) for had in inside)
        score = parts.sum(axis=1, dtype=np.float32)
        shown = request.available.copy()
        shown[request.exclude] = False
        order = np.array(
            sorted(np.flatnonzero(shown).tolist(), key=lambda i: (-score[i], i)), dtype=np.int64
        )
        return Ranking(order, score[order], parts[order], self.part_names)


def trend_as_base(_context: NDArray[np.float32], trend: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a base whose trend part is a tenth of the count."""
    base = np.zeros((len(trend), 2), dtype=np.float32)
    base[:, 1] = trend / 10
    return base


MOMENT: Final = {
    "tea": 1.0,
    "latte": 2.0,
    "scone": 0.9,
    "bun": 0.8,
    "salad": 0.4,
    "porridge": 3.0,
    "mystery": 4.0,
}


def corner(
    ranker: TableRanker | None = None,
    *,
    offers: tuple[Offer, ...] = (),
    placements: tuple[Placement, ...] = (STRIP, PLAIN, NUDGE),
) -> Bundle:
    """Return the corner cafe with its table ranker."""
    ranker = ranker or TableRanker(MOMENT, {("latte", "scone"): 5.0})
    scoring = Scoring(ranker, trend_as_base, ranker.items)
    return bundle(site(offers=offers, placements=placements), scoring)
