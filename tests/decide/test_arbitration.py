"""Order by value: the chance that it is taken, times what that leaves the shop."""

import math
from dataclasses import replace
from typing import Final

import pytest

from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.decide.arbitration import PRIOR_MARGIN_SHARE, worth_minor
from edge.decide.bundle import Scoring, bundle
from edge.decide.decide import Decision, decide
from edge.decide.shelf import stock_shelf
from edge.decide.state import State
from edge.decide.values import Asked
from tests.fakes import shop
from tests.fakes.offers import authored

BY_VALUE: Final = Placement(id="best", surface="pos", slots=10, order="value")
BY_SCORE: Final = BY_VALUE.model_copy(update={"order": "score"})


def ordered(
    *offers: Offer,
    placement: Placement = BY_VALUE,
    state: State | None = None,
    calibration: tuple[float, float] | None = (1.0, 0.0),
) -> Decision:
    """Return the till's decision in a shop with these offers."""
    ranker = shop.TableRanker(shop.MOMENT)
    scoring = replace(Scoring(ranker, shop.trend_as_base, ranker.items), calibration=calibration)
    site = shop.site(offers=offers, placements=(placement,))
    shelf = stock_shelf(bundle(site, scoring), shop.context(), frozenset())
    return decide("d", Asked("best", "till"), shelf, None, state or State())


def skus(decision: Decision) -> list[str]:
    return [one.sku for one in decision.slate.shown]


def test_a_row_is_ordered_by_score_unless_its_placement_says_otherwise() -> None:
    dear = authored("dear", "bun", value={"margin_minor": 900})

    assert skus(ordered(dear, placement=BY_SCORE)) == skus(ordered(placement=BY_SCORE))
    assert skus(ordered(dear))[0] == "bun"
    assert skus(ordered(placement=BY_SCORE))[0] != "bun"


def test_the_value_is_the_chance_times_the_worth_times_priority_and_pressure() -> None:
    pushed = authored("pushed", "bun", priority=1.5, value={"margin_minor": 200, "cost_minor": 50})
    decision = ordered(pushed, state=State(pressure={"pushed": 1.2}))

    terms = decision.terms["bun"]
    score = shop.MOMENT["bun"]
    assert terms.take == pytest.approx(1 / (1 + math.exp(-score)), rel=1e-5)
    assert (terms.worth_minor, terms.priority, terms.pressure) == (150.0, 1.5, 1.2)
    assert terms.value == pytest.approx(terms.take * 150 * math.exp(1.5) * 1.2)
    values = [decision.terms[sku].value for sku in skus(decision)]
    assert values == sorted(values, reverse=True)


def test_without_a_calibrated_model_the_chance_falls_with_the_rank() -> None:
    decision = ordered(calibration=None)
    takes = [decision.terms[sku].take for sku in skus(ordered(placement=BY_SCORE))]

    assert takes == [1 / (2 + rank) for rank in range(len(takes))]


def test_worth_comes_from_the_offer_then_the_product_then_a_stated_share_of_the_price() -> None:
    product = shop.product("cake", "cake", price_minor=400, margin_minor=120)
    unknown = shop.product("pie", "cake", price_minor=400)
    own = authored("own", "cake", value={"margin_minor": 80, "ltv_weight": 0.5, "cost_minor": 20})
    lossy = authored("lossy", "cake", value={"cost_minor": 500})

    assert worth_minor(product, None) == 120
    assert worth_minor(unknown, None) == 400 * PRIOR_MARGIN_SHARE
    assert worth_minor(product, own) == (80 - 20) * 1.5
    assert worth_minor(product, lossy) == 0
