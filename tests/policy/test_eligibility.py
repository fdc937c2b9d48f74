"""Each rule that leaves a product out, on its own."""

import pytest

from edge.catalog.allergens import Allergen
from edge.catalog.offer import Offer
from edge.catalog.product import Product
from edge.context.moment import Weather
from edge.policy.eligibility import Rule, placement_rule, standing_rule, visit_rule
from edge.policy.offers import OfferRule, offer_rule
from tests.fakes import shop

BUN = shop.product("bun", "scone", allergens=["gluten"], tags=["sweet"])
NOBODY_SAID = shop.product("mystery", "other", allergens=None)
NO_PRICE = shop.product("new", "other", price_minor=None)
NONE_ASKED: tuple[frozenset[str], ...] = ()


def test_what_is_sold_out_is_left_out_before_anything_else() -> None:
    porridge = shop.product("porridge", "porridge", dayparts=["breakfast"])

    assert standing_rule(porridge, shop.context(), {"porridge"}) is Rule.SOLD_OUT
    assert standing_rule(porridge, shop.context(), set()) is Rule.NOT_SERVED_NOW
    assert standing_rule(BUN, shop.context(), set()) is None


@pytest.mark.parametrize("surface", ["kiosk", "signage", "phone"])
@pytest.mark.parametrize("product", [NOBODY_SAID, NO_PRICE], ids=["no allergens", "no price"])
def test_a_screen_without_a_person_never_proposes_what_is_not_fully_known(
    surface: str, product: Product
) -> None:
    assert placement_rule(product, surface, set()) is Rule.NOT_ON_SALE


@pytest.mark.parametrize("surface", ["tablet", "pos"])
def test_where_a_person_can_answer_a_missing_allergen_does_not_hide_a_product(surface: str) -> None:
    assert placement_rule(NOBODY_SAID, surface, set()) is None


def test_a_placement_takes_only_its_sections() -> None:
    assert placement_rule(BUN, "kiosk", {"drinks"}) is Rule.NOT_IN_PLACEMENT
    assert placement_rule(BUN, "kiosk", {"food"}) is None


def test_an_unknown_allergen_never_passes_a_filter() -> None:
    rule = visit_rule(NOBODY_SAID, avoid={Allergen.FISH}, fewer=set(), answers=NONE_ASKED)

    assert rule is Rule.ALLERGEN


def test_a_question_without_a_preference_leaves_everything_in() -> None:
    answers = (frozenset[str](), frozenset({"sweet"}))

    assert visit_rule(BUN, avoid=set(), fewer=set(), answers=answers) is None
    assert (
        visit_rule(BUN, avoid=set(), fewer=set(), answers=(frozenset({"savoury"}),))
        is Rule.OTHER_ANSWER
    )


def offer(**more: object) -> Offer:
    return Offer.model_validate(
        {
            "offer": "o",
            "owner": "food",
            "skus": ["bun"],
            "headline": {"en": "Bun"},
            "surfaces": ["kiosk"],
            **more,
        }
    )


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        pytest.param({}, None, id="no condition"),
        pytest.param({"surfaces": ["signage"]}, OfferRule.OTHER_PLACE, id="other surface"),
        pytest.param({"placements": ["nudge"]}, OfferRule.OTHER_PLACE, id="other placement"),
        pytest.param({"placements": ["strip"]}, None, id="this placement"),
        pytest.param({"valid_from": "2026-03-03"}, None, id="first day"),
        pytest.param({"valid_from": "2026-03-04"}, OfferRule.NOT_VALID_TODAY, id="not yet"),
        pytest.param({"valid_to": "2026-03-03"}, None, id="last day"),
        pytest.param({"valid_to": "2026-03-02"}, OfferRule.NOT_VALID_TODAY, id="over"),
        pytest.param({"dayparts": ["lunch"]}, None, id="this daypart"),
        pytest.param({"dayparts": ["breakfast"]}, OfferRule.OTHER_DAYPART, id="other daypart"),
        pytest.param({"weather": {"min_temp_c": 20}}, None, id="at least 20, it is 20"),
        pytest.param({"weather": {"min_temp_c": 21}}, OfferRule.OTHER_WEATHER, id="too cold"),
        pytest.param({"weather": {"max_temp_c": 20}}, None, id="at most 20, it is 20"),
        pytest.param({"weather": {"max_temp_c": 19}}, OfferRule.OTHER_WEATHER, id="too warm"),
        pytest.param({"weather": {"wet": True}}, None, id="wet"),
        pytest.param({"weather": {"wet": False}}, OfferRule.OTHER_WEATHER, id="not dry"),
    ],
)
def test_an_offer_is_proposed_only_where_and_when_its_conditions_hold(
    written: dict[str, object], rule: OfferRule | None
) -> None:
    wet_20 = shop.context(weather=Weather(temp_c=20, is_wet=True))

    assert offer_rule(offer(**written), shop.STRIP, wet_20) is rule


def test_an_unknown_weather_meets_no_condition() -> None:
    written = offer(weather={"wet": False})

    assert offer_rule(written, shop.STRIP, shop.context()) is OfferRule.OTHER_WEATHER
