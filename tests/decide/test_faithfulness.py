"""The reason is the computation: without what it names, the product would score lower.

On the demo shop with its shipped model, for random customers (decisioning.md 8.6).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest

from edge.app.load_model import load_scoring
from edge.app.shipped import shipped
from edge.catalog.site import Site
from edge.decide.bundle import bundle
from edge.decide.decide import Decision, decide
from edge.decide.shelf import Shelf, stock_shelf
from edge.decide.values import Asked, Bought, Reason, Recognised
from tests.fakes import shop
from tests.fakes.dice import Dice
from tests.fakes.regular import regular
from tests.fakes.services import harbour_kitchen

ROWS: Final = ("kiosk-strip", "kiosk-nudge", "kiosk-usual", "kiosk-tastes", "kiosk-new")
GROUP: Final = {
    Reason.PAST_ORDERS_HERE: ("history",),
    Reason.YOUR_USUAL: ("history", "wishes"),
    Reason.GOES_WITH_TASTES: ("tastes",),
    Reason.NEW_FOR_YOU: ("tastes",),
    Reason.STATED_TASTE: ("wishes", "surprise"),
    Reason.GOES_WITH_BASKET: ("basket",),
}
ENOUGH: Final = 0.95


@pytest.fixture(scope="module")
def demo() -> Shelf:
    """The demo shop at lunch time with the model it ships."""
    found = harbour_kitchen()
    scoring = load_scoring(shipped("models/factory"), found, {})
    return stock_shelf(bundle(found, scoring), shop.context(), frozenset())


def customers(of: Site) -> Iterator[tuple[int, Recognised, tuple[str, ...]]]:
    """Yield random customers, each with a basket."""
    dice = Dice("faithful")
    sold = [p.sku for p in of.products if p.section in ("coffee", "tea", "bakery")]
    categories = sorted({p.category for p in of.products})
    for number in range(150):
        bought = (
            Bought(dice.choice(sold), float(dice.below(90)), 1 + dice.below(3))
            for _ in range(dice.below(12))
        )
        yield (
            number,
            regular(
                *bought,
                starred=dice.sample(sold, dice.below(3)),
                muted=dice.sample(categories, dice.choice((0, 0, 1))),
                less=dice.sample(categories, dice.choice((0, 0, 1))),
                surprise=dice.choice(("usual", "more", "none")),
            ),
            dice.sample(sold, dice.below(3)),
        )


def score_without(decision: Decision, sku: str, group: tuple[str, ...], shelf: Shelf) -> float:
    """Score the product once more for a customer (or a basket) without what the reason names."""
    known, asked = decision.asked.recognised, decision.asked
    assert known is not None
    if "history" in group or "tastes" in group:
        known = replace(known, bought=())
    if "wishes" in group or "tastes" in group:
        known = replace(known, starred=frozenset())
    if "surprise" in group:
        known = replace(known, surprise="usual")
    if "basket" in group or "tastes" in group:  # what they like stood in the basket's place
        asked = replace(asked, basket=())
    # A place that holds everything: a personal row would leave the product out by itself. What
    # such a row never counts, priorities and surprises, is left out of the comparison.
    everything = replace(asked, placement_id="kiosk-strip", recognised=known)
    found = decide("again", everything, shelf).arrangement.candidates
    products = shelf.bundle.site.products
    rank = [products[place].sku for place in found.places.tolist()].index(sku)
    parts: dict[str, float] = dict(zip(found.part_names, found.parts[rank].tolist(), strict=True))
    foreign = {"offer", "surprise"} if decision.arrangement.placement.personal else set()
    return sum(value for name, value in parts.items() if name not in foreign)


def test_without_the_named_group_at_least_95_of_100_products_score_lower(demo: Shelf) -> None:
    lower: dict[Reason, list[bool]] = {}
    for number, known, basket in customers(demo.bundle.site):
        for row in ROWS:
            asked = Asked(row, "kiosk-1", "v", basket=basket, recognised=known)
            decision = decide(f"d{number}", asked, demo)
            for one in decision.slate.shown:
                group = GROUP.get(one.reason)
                if group is None or demo.bundle.site.product(one.sku) is None:
                    continue
                without = score_without(decision, one.sku, group, demo)
                lower.setdefault(one.reason, []).append(without < one.score)

    assert set(lower) == set(GROUP)
    for reason, found in lower.items():
        assert len(found) >= 30, reason
        assert sum(found) / len(found) >= ENOUGH, reason


def test_the_personal_rows_of_the_demo_shop_are_filled_for_most_customers(demo: Shelf) -> None:
    filled = dict.fromkeys(ROWS, 0)
    known = [one for one in customers(demo.bundle.site) if one[1].bought]
    for number, who, _ in known:
        for row in ROWS:
            slate = decide(f"d{number}", Asked(row, "k", recognised=who), demo).slate
            filled[row] += bool(slate.shown)

    assert filled["kiosk-usual"] > 0.8 * len(known)
    assert filled["kiosk-tastes"] > 0.8 * len(known)
    assert filled["kiosk-new"] > 0.5 * len(known)


OF_EVERYBODY: Final = {
    Reason.TIME_OF_DAY: "moment",
    Reason.POPULAR_NOW: "trend",
    Reason.GOES_WITH_BASKET: "basket",
    Reason.STAFF_PICK: "offer",
    Reason.SPONSORED: "offer",
    Reason.WEATHER: "offer",
    Reason.HOUSE_FAVOURITE: "offer",
}


def without_group(shelf: Shelf, asked: Asked, group: str) -> tuple[Shelf, Asked]:
    """Return the shop and the question without the moment, the trend, the basket or the offers."""
    if group == "basket":
        return shelf, replace(asked, basket=())
    if group == "offer":
        bare = shelf.bundle.site.model_copy(update={"offers": ()})
        return stock_shelf(bundle(bare, shelf.bundle.scoring), shelf.context, frozenset()), asked
    base = shelf.base.copy()
    base[:, 0 if group == "moment" else 1] = 0.0
    return replace(shelf, base=base), asked


def score_in(decision: Decision, sku: str) -> float:
    found, products = decision.arrangement.candidates, decision.shelf.bundle.site.products
    skus = [products[place].sku for place in found.places.tolist()]
    return float(found.score[skus.index(sku)])


def test_for_anybody_too_a_product_scores_lower_without_what_its_reason_names(demo: Shelf) -> None:
    dice = Dice("anybody")
    site = demo.bundle.site
    sold = [p.sku for p in site.products if p.section in ("coffee", "tea", "bakery")]
    lower: dict[str, list[bool]] = {}
    for number in range(60):
        trend = {sku: 5 * (1 + dice.below(6)) for sku in dice.sample(sold, dice.below(5))}
        shelf = stock_shelf(demo.bundle, shop.context(trend=trend), frozenset())
        asked = Asked("kiosk-strip", "k", "v", basket=dice.sample(sold, dice.below(3)))
        for one in decide(f"d{number}", asked, shelf).slate.shown:
            group = OF_EVERYBODY.get(one.reason)
            if group is None or not one.parts:
                continue
            other, question = without_group(shelf, asked, group)
            again = decide(f"d{number}", question, other)
            lower.setdefault(group, []).append(score_in(again, one.sku) < one.score)

    assert {"moment", "trend", "basket"} <= set(lower)
    for group, found in lower.items():
        assert sum(found) / len(found) >= ENOUGH, group
