"""The whole decision, from what is asked to what is shown."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from edge.catalog.allergens import Allergen
from edge.catalog.offer import Offer, WeatherCondition
from edge.catalog.placement import Placement
from edge.context.moment import Weather
from edge.core.errors import ModelContractError, RequestContractError
from edge.decide.bundle import Scoring, bundle
from edge.decide.decide import Decision, decide
from edge.decide.shelf import shelf_key, stock_shelf
from edge.decide.values import Asked, Reason
from edge.recommend.ranker import Ranking, RankRequest
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


def test_a_row_does_not_explore_while_allergens_are_filtered() -> None:
    decision = asked_of(replace(STRIP, avoid=frozenset({Allergen.SESAME})))

    assert len(decision.slate.shown) == 3
    assert not any(one.is_explored for one in decision.slate.shown)


def test_fewer_like_this_leaves_the_whole_category_out() -> None:
    decision = asked_of(replace(PLAIN, fewer=frozenset({"drink"})))

    assert decision.suppressed["fewer_like_this"] == ("tea", "latte")


def test_the_guide_keeps_only_what_fits_every_answer() -> None:
    decision = asked_of(replace(PLAIN, answers=(frozenset({"light"}), frozenset())))

    assert skus(decision) == ["salad"]


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


def test_a_product_the_model_does_not_know_can_be_drawn_as_something_different() -> None:
    ranker = shop.TableRanker({"tea": 1.0, "scone": 0.5}, items=("tea", "scone"))
    shelf = stock_shelf(shop.corner(ranker), shop.context(), frozenset())
    drawn = {decide(f"d{n}", STRIP, shelf).slate.shown[-1].sku for n in range(40)}

    assert "salad" in drawn


def test_an_item_the_shop_does_not_sell_is_never_shown() -> None:
    ranker = shop.TableRanker({"ghost": 9.0, "tea": 1.0}, items=("ghost", "tea"))
    shelf = stock_shelf(shop.corner(ranker), shop.context(), frozenset())

    assert skus(decide("d", PLAIN, shelf)) == ["tea"]


def test_an_unknown_placement_is_refused_with_those_that_exist() -> None:
    with pytest.raises(RequestContractError, match=r"strip, plain, nudge.*'hero'"):
        asked_of(Asked("hero", "kiosk-1"))


def test_an_unknown_product_in_the_basket_is_refused() -> None:
    with pytest.raises(RequestContractError, match=r"in the basket, got 'caviar'"):
        asked_of(replace(PLAIN, basket=("caviar",)))


class NotANumber:
    """A broken model: its scores are NaN."""

    name = "broken"
    digest = "broken"
    part_names = ("moment",)

    def rank(self, request: RankRequest) -> Ranking:
        size = len(request.available)
        return Ranking(
            np.arange(size, dtype=np.int64),
            np.full(size, np.nan, dtype=np.float32),
            np.full((size, 1), np.nan, dtype=np.float32),
            self.part_names,
        )


def test_a_model_that_answers_no_number_is_reported_and_not_shown() -> None:
    broken = bundle(shop.site(), Scoring(NotANumber(), shop.trend_as_base, shop.ITEMS))
    shelf = stock_shelf(broken, shop.context(), frozenset())

    with pytest.raises(ModelContractError, match="wanted finite scores"):
        decide("d", PLAIN, shelf)


class RanksWhatIsNotThere(shop.TableRanker):
    """A broken model: it does not look at what is available."""

    def rank(self, request: RankRequest) -> Ranking:
        return super().rank(replace(request, available=np.ones_like(request.available)))


class RanksWhatIsExcluded(shop.TableRanker):
    """A broken model: it does not look at what the visit rules out."""

    def rank(self, request: RankRequest) -> Ranking:
        return super().rank(replace(request, exclude=request.exclude[:0]))


@pytest.mark.parametrize("broken", [RanksWhatIsNotThere, RanksWhatIsExcluded])
def test_a_model_that_answers_what_it_was_not_to_rank_is_reported_and_not_shown(
    broken: type[shop.TableRanker],
) -> None:
    shelf = stock_shelf(shop.corner(broken(shop.MOMENT)), shop.context(), frozenset())

    with pytest.raises(ModelContractError, match="only items that were to be ranked"):
        decide("d", replace(PLAIN, basket=("latte",)), shelf)


def test_the_same_arguments_give_the_same_slate() -> None:
    assert asked_of(STRIP).slate == asked_of(STRIP).slate


def test_a_shelf_holds_until_something_it_depends_on_changes() -> None:
    moment = shop.context()
    key = shelf_key(moment, frozenset())

    assert key == shelf_key(replace(moment, kitchen_load=0.5), frozenset())
    assert key != shelf_key(moment, frozenset({"tea"}))
    assert key != shelf_key(replace(moment, weather=Weather(20, is_wet=False)), frozenset())
    assert key != shelf_key(replace(moment, trend={"tea": 5}), frozenset())
    assert key != shelf_key(replace(moment, is_open=False), frozenset())
    assert key != shelf_key(replace(moment, daypart_id="breakfast"), frozenset())
    for later in (timedelta(hours=1), timedelta(days=1)):
        assert key != shelf_key(replace(moment, local_at=moment.local_at + later), frozenset())


def test_a_section_of_a_placement_limits_what_it_shows() -> None:
    drinks = Placement(id="drinks", surface="pos", slots=5, sections=frozenset({"drinks"}))
    shelf = stock_shelf(shop.corner(placements=(drinks,)), shop.context(), frozenset())

    assert skus(decide("d", Asked("drinks", "till-1"), shelf)) == ["latte", "tea"]
