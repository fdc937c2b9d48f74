"""The whole decision, from what is asked to what is shown."""

from dataclasses import replace

import pytest

from edge.catalog.allergens import Allergen
from edge.catalog.offer import Offer, WeatherCondition
from edge.catalog.placement import Placement
from edge.context.moment import Weather
from edge.core.errors import RequestContractError
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


def test_the_best_scored_products_fill_a_plain_placement_in_order() -> None:
    assert skus(asked_of(PLAIN)) == ["mystery", "latte", "tea", "scone", "bun", "salad"]


def test_a_kiosk_never_proposes_what_it_may_not_sell() -> None:
    decision = asked_of(STRIP)

    assert "mystery" not in skus(decision)
    assert decision.suppressed["not_on_sale"] == ("mystery",)


def test_what_is_sold_out_is_left_out_and_said_so() -> None:
    decision = asked_of(PLAIN, sold_out=frozenset({"latte"}))

    assert "latte" not in skus(decision)
    assert decision.suppressed["sold_out"] == ("latte",)


def test_what_is_not_served_at_this_daypart_is_left_out() -> None:
    assert asked_of(PLAIN).suppressed["not_served_now"] == ("porridge",)


def test_what_is_in_the_basket_is_not_proposed_again() -> None:
    decision = asked_of(replace(PLAIN, basket=("latte",)))

    assert "latte" not in skus(decision)
    assert decision.suppressed["in_basket"] == ("latte",)


def test_the_allergen_filter_leaves_out_what_cannot_be_made_without() -> None:
    decision = asked_of(replace(PLAIN, avoid=frozenset({Allergen.MILK})))

    # The latte stays: it can be made with oat milk. Unknown allergens never pass a filter.
    assert skus(decision) == ["latte", "tea", "bun", "salad"]


def test_the_allergen_filter_is_not_among_the_recorded_suppressions() -> None:
    decision = asked_of(replace(PLAIN, avoid=frozenset({Allergen.GLUTEN})))

    assert "allergen" not in decision.suppressed


def test_fewer_like_this_leaves_the_whole_category_out() -> None:
    decision = asked_of(replace(PLAIN, fewer=frozenset({"drink"})))

    assert decision.suppressed["fewer_like_this"] == ("tea", "latte")


def test_the_guide_keeps_only_what_fits_every_answer() -> None:
    decision = asked_of(replace(PLAIN, answers=(frozenset({"light"}), frozenset())))

    assert skus(decision) == ["salad"]


def test_an_offer_gives_its_best_product_the_shops_priority_as_a_part_of_its_own() -> None:
    offer = Offer(
        offer="warm-up",
        owner="food",
        skus=("salad", "bun"),
        headline={"en": "Warm up"},
        surfaces=frozenset({"pos"}),
        weather=WeatherCondition(max_temp_c=10),
        priority=3.0,
    )
    cold = shop.context(weather=Weather(temp_c=4, is_wet=True))
    shelf = stock_shelf(shop.corner(offers=(offer,)), cold, frozenset())
    bun = next(one for one in decide("d", PLAIN, shelf).slate.shown if one.sku == "bun")

    assert (bun.offer_id, bun.reason) == ("warm-up", Reason.WEATHER)
    assert bun.parts["offer"] == 3.0
    assert sum(bun.parts.values()) == pytest.approx(bun.score, abs=1e-5)


def test_an_offer_for_other_weather_is_left_out_and_said_so() -> None:
    offer = Offer(
        offer="cool-down",
        owner="food",
        skus=("salad",),
        headline={"en": "Cool down"},
        surfaces=frozenset({"pos"}),
        weather=WeatherCondition(min_temp_c=24),
    )
    shelf = stock_shelf(shop.corner(offers=(offer,)), shop.context(), frozenset())

    assert decide("d", PLAIN, shelf).suppressed["other_weather"] == ("cool-down",)


def test_an_unknown_placement_is_refused_with_those_that_exist() -> None:
    with pytest.raises(RequestContractError, match=r"strip, plain, nudge.*'hero'"):
        asked_of(Asked("hero", "kiosk-1"))


def test_an_unknown_product_in_the_basket_is_refused() -> None:
    with pytest.raises(RequestContractError, match=r"in the basket, got 'caviar'"):
        asked_of(replace(PLAIN, basket=("caviar",)))


def test_the_same_arguments_give_the_same_slate() -> None:
    assert asked_of(STRIP).slate == asked_of(STRIP).slate


def test_a_section_of_a_placement_limits_what_it_shows() -> None:
    drinks = Placement(id="drinks", surface="pos", slots=5, sections=frozenset({"drinks"}))
    shelf = stock_shelf(shop.corner(placements=(drinks,)), shop.context(), frozenset())

    assert skus(decide("d", Asked("drinks", "till-1"), shelf)) == ["latte", "tea"]
