"""From candidates to a row: spread, drawn, with reasons, and filled with the fallback."""

from dataclasses import replace

import pytest

from edge.catalog.allergens import Allergen
from edge.catalog.placement import Placement
from edge.decide.decide import Decision, decide
from edge.decide.shelf import stock_shelf
from edge.decide.values import Asked, Reason
from tests.fakes import shop

STRIP = Asked("strip", "kiosk-1")
PLAIN = Asked("plain", "till-1")


def asked_of(asked: Asked, *, sold_out: frozenset[str] = frozenset()) -> Decision:
    shelf = stock_shelf(shop.corner(), shop.context(), sold_out)
    return decide("decision-1", asked, shelf)


def skus(decision: Decision) -> list[str]:
    return [one.sku for one in decision.slate.shown]


def test_a_row_does_not_explore_while_allergens_are_filtered() -> None:
    decision = asked_of(replace(STRIP, avoid=frozenset({Allergen.SESAME})))

    assert len(decision.slate.shown) == 3
    assert not any(one.is_explored for one in decision.slate.shown)


def test_a_row_holds_one_of_each_category_so_that_it_is_no_dead_end() -> None:
    categories = {"tea": "drink", "latte": "drink", "scone": "scone", "bun": "scone"}
    shown = [categories.get(sku, sku) for sku in skus(asked_of(STRIP))]

    assert len(shown) == len(set(shown)) == 3


def test_the_third_slot_is_drawn_and_says_so_with_its_propensity() -> None:
    wild = asked_of(STRIP).slate.shown[2]

    assert (wild.reason, wild.is_explored) == (Reason.SOMETHING_DIFFERENT, True)
    assert 0 < wild.propensity <= 1


def test_the_propensities_of_what_may_be_drawn_sum_to_one() -> None:
    pair = Placement(id="pair", surface="kiosk", slots=2, spread=1, explore_slot=1)
    shelf = stock_shelf(shop.corner(placements=(pair,)), shop.context(), frozenset())
    asked = Asked("pair", "kiosk-1")
    wild = [decide(f"d{number}", asked, shelf).slate.shown[1] for number in range(200)]
    propensities = {one.sku: one.propensity for one in wild}

    assert len(propensities) > 1
    assert sum(propensities.values()) == pytest.approx(1)
    assert {(one.sku, one.propensity) for one in wild} == set(propensities.items())


def test_every_shown_product_has_the_reason_of_its_largest_part() -> None:
    decision = asked_of(replace(PLAIN, basket=("latte",)))
    reasons = {one.sku: one.reason for one in decision.slate.shown}

    assert reasons["scone"] is Reason.GOES_WITH_BASKET
    assert reasons["tea"] is Reason.TIME_OF_DAY


def test_what_sells_now_is_the_reason_when_the_trend_is_the_largest_part() -> None:
    moment = shop.context(trend={"salad": 30})
    decision = decide("d", PLAIN, stock_shelf(shop.corner(), moment, frozenset()))
    salad = next(one for one in decision.slate.shown if one.sku == "salad")

    assert salad.reason is Reason.POPULAR_NOW


def test_a_product_that_nothing_speaks_for_is_not_proposed() -> None:
    ranker = shop.TableRanker({"tea": 1.0, "latte": -1.0})
    decision = decide("d", PLAIN, stock_shelf(shop.corner(ranker), shop.context(), frozenset()))

    assert skus(decision) == ["tea"]


def test_a_nudge_shows_only_what_the_basket_is_the_reason_for() -> None:
    nudge = Asked("nudge", "kiosk-1", basket=("latte",))

    assert skus(asked_of(nudge)) == ["scone"]


def test_a_nudge_without_a_reason_is_nothing() -> None:
    assert skus(asked_of(Asked("nudge", "kiosk-1", basket=("salad",)))) == []


def test_when_nothing_is_eligible_the_fallback_offers_are_shown() -> None:
    ranker = shop.TableRanker({})
    shelf = stock_shelf(shop.corner(ranker), shop.context(), frozenset({"bun"}))
    decision = decide("d", replace(STRIP, avoid=frozenset({Allergen.FISH})), shelf)

    assert [(one.sku, one.reason) for one in decision.slate.shown] == [
        ("tea", Reason.HOUSE_FAVOURITE)
    ]


def test_slots_that_nothing_speaks_for_are_filled_with_the_fallback_and_say_so() -> None:
    ranker = shop.TableRanker({"salad": 1.0})
    shelf = stock_shelf(shop.corner(ranker), shop.context(), frozenset())
    shown = decide("d", STRIP, shelf).slate.shown

    assert [(one.slot, one.sku, one.reason) for one in shown] == [
        (0, "salad", Reason.TIME_OF_DAY),
        (1, "bun", Reason.HOUSE_FAVOURITE),
        (2, "tea", Reason.HOUSE_FAVOURITE),
    ]


def test_a_fallback_is_not_shown_beside_itself() -> None:
    ranker = shop.TableRanker({"bun": 1.0})
    shelf = stock_shelf(shop.corner(ranker), shop.context(), frozenset())

    assert skus(decide("d", STRIP, shelf)) == ["bun", "tea"]


def test_a_kiosk_falls_back_only_to_what_it_may_sell() -> None:
    strip = shop.STRIP.model_copy(update={"fallback": ("mystery", "tea")})
    nobody_knows = shop.corner(shop.TableRanker({}), placements=(strip,))
    shelf = stock_shelf(nobody_knows, shop.context(), frozenset())

    assert skus(decide("d", STRIP, shelf)) == ["tea"]


def test_a_product_the_model_does_not_know_can_be_drawn_as_something_different() -> None:
    ranker = shop.TableRanker({"tea": 1.0, "scone": 0.5}, items=("tea", "scone"))
    shelf = stock_shelf(shop.corner(ranker), shop.context(), frozenset())
    drawn = {decide(f"d{n}", STRIP, shelf).slate.shown[-1].sku for n in range(40)}

    assert "salad" in drawn
