"""How offers grow: the shelf once per moment, and a request, up to ten thousand of them.

Fifty offers hold here and now at every size. The others are what a chain's folder is full of:
for other screens, over, for another weather, or with a condition that is not met. A request's
budget is a ratio to the same request with fifty offers and no other.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.catalog.offer import Offer, WeatherCondition
from edge.context.moment import Context, Weather
from edge.decide.bundle import Bundle, Scoring, bundle
from edge.decide.decide import decide
from edge.decide.shelf import Shelf, stock_shelf
from edge.decide.values import Asked
from edge.policy.condition_facts import moving_facts, standing_facts
from edge.policy.conditions import compile_all
from edge.recommend.ranker import Ranking, RankRequest
from tests.bench.cpu import interleaved_us
from tests.bench.row import Row
from tests.bench.shop import big_site, sku

SIZES: Final = (50, 200, 1_000, 10_000)
PRODUCTS: Final = 200
HOLDING: Final = 50
BASKET_RULES: Final = 20
NEVER_GROWS: Final = 1.5
"""The most a request may cost beside other offers, in requests without them (noise included)."""
AT: Final = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
ASKED: Final = Asked("kiosk-strip", "k1", basket=(sku(7), sku(100)))
ID: Final = "01981f3e-6c00-7aaa-8bbb-0123456789ab"


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    shops = {size: _bundle(size) for size in SIZES}
    shelves = {size: stock_shelf(shop, _context(), frozenset()) for size, shop in shops.items()}
    made = interleaved_us({str(n): _made(shop) for n, shop in shops.items()}, calls=3)
    asked = interleaved_us({str(n): _asked(shelf) for n, shelf in shelves.items()}, calls=30)
    for size in SIZES:
        group = f"{size:,} offers, {HOLDING} of them hold"
        yield Row(group, "shelf of a placement", made[str(size)], "µs")
        yield Row(
            group,
            "pure decide() over a table of scores",
            asked[str(size)],
            "µs",
            asked[str(SIZES[0])],
            f"{SIZES[0]} offers",
            NEVER_GROWS,
        )
    yield from _conditions()


def _conditions() -> Iterator[Row]:
    for unique in (1, 20, 200):
        texts = [f"weather.temp_c > {n % unique}.5 && site.open" for n in range(200)]
        rules = compile_all(texts)
        facts = standing_facts(_context())
        basket = {**facts, **moving_facts(_context(), ())}
        took = interleaved_us({"ask": lambda: _ask(rules.about(basket).of, texts)}, calls=5)  # noqa: B023 # called at once
        yield Row("conditions in CEL", f"200 offers, {unique} rules", took["ask"], "µs")


def _ask(of: Callable[[str], object], texts: list[str]) -> None:
    for text in texts:
        of(text)


def _made(shop: Bundle) -> Callable[[], object]:
    place = shop.site.placement(ASKED.placement_id)
    assert place is not None
    return lambda: stock_shelf(shop, _context(), frozenset()).at(place)


def _asked(shelf: Shelf) -> Callable[[], object]:
    return lambda: decide(ID, ASKED, shelf)


def _bundle(size: int) -> Bundle:
    site = big_site(PRODUCTS).model_copy(
        update={"offers": tuple(_offer(index) for index in range(size))}
    )
    items = tuple(one.sku for one in site.products)
    return bundle(site, Scoring(_Table(), _base, items))


def _offer(index: int) -> Offer:
    plain = Offer(
        offer=f"offer-{index}",
        owner="bench",
        skus=(sku(index % PRODUCTS),),
        headline={"en": "An offer"},
        surfaces=frozenset({"kiosk"}),
        priority=0.1,
    )
    if index < HOLDING:
        text = "'none' in basket.categories || basket.count >= 0" if index < BASKET_RULES else ""
        return plain.model_copy(update={"eligible_when": text})
    others: tuple[dict[str, object], ...] = (
        {"surfaces": frozenset({"signage"})},
        {"valid_to": date(2025, 1, 1)},
        {"weather": WeatherCondition(max_temp_c=0)},
        {"eligible_when": f"weather.temp_c > {30 + index}.0"},
    )
    return plain.model_copy(update=others[index % len(others)])


def _context() -> Context:
    return Context(
        at=AT,
        local_at=AT,
        daypart_id="day",
        is_open=True,
        weather=Weather(temp_c=20.0, is_wet=False),
        kitchen_load=None,
        trend={},
    )


def _base(_context: NDArray[np.float32], trend: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.zeros((len(trend), 2), dtype=np.float32)


class _Table:
    """A ranker that costs next to nothing, so that a request's other work shows."""

    name = "table"
    digest = "table-1"
    part_names = ("moment", "trend", "basket")

    def rank(self, request: RankRequest) -> Ranking:
        """Return what may be shown, in the order of the catalog."""
        may = request.available.copy()
        may[request.exclude] = False
        items = np.flatnonzero(may)
        parts = np.zeros((len(items), 3), dtype=np.float32)
        parts[:, 0] = np.linspace(1.0, 0.1, len(items), dtype=np.float32)
        return Ranking(items, parts[:, 0].copy(), parts, self.part_names)
