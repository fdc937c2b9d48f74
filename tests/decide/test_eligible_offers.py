"""Which authored offers propose something, for everybody and for one visit."""

from collections.abc import Sequence
from dataclasses import replace

from edge.catalog.allergens import Allergen
from edge.catalog.offer import Offer
from edge.context.moment import Context, Weather
from edge.decide.decide import Decision, decide
from edge.decide.eligible_offers import MOST_NAMED
from edge.decide.shelf import stock_shelf
from edge.decide.values import Asked, Basis, Recognised
from edge.identity.consent import Purpose
from edge.policy.offers import short_of
from tests.fakes import shop


def offer(offer_id: str = "o", *, skus: Sequence[str] = ("bun",), **more: object) -> Offer:
    written = {"offer": offer_id, "owner": "food", "skus": skus, "headline": {"en": "Now"}}
    return Offer.model_validate({**written, "surfaces": ["kiosk"], "priority": 1.0, **more})


def decided(
    *offers: Offer,
    asked: Asked | None = None,
    context: Context | None = None,
    sold_out: frozenset[str] = frozenset(),
    short: frozenset[str] = frozenset(),
) -> Decision:
    shelf = stock_shelf(shop.corner(offers=offers), context or shop.context(), sold_out, short)
    return decide("d", asked or Asked("strip", "k1"), shelf)


def proposing(decision: Decision) -> dict[str, str]:
    return {sku: one.offer for sku, one in decision.arrangement.offers.items()}


def test_a_condition_about_the_weather_stands_on_the_shelf() -> None:
    written = offer(eligible_when="weather.temp_c > 24.0 && site.open")
    hot, cold = (shop.context(weather=Weather(t, is_wet=False)) for t in (30, 5))

    assert proposing(decided(written, context=hot)) == {"bun": "o"}
    assert decided(written, context=cold).suppressed["condition_not_met"] == ("o",)
    assert decided(written).suppressed["condition_not_met"] == ("o",)  # nobody knows the weather


def test_a_condition_about_the_basket_is_asked_at_each_request() -> None:
    written = offer(eligible_when="'drink' in basket.categories && time.hour < 15")
    shelf = stock_shelf(shop.corner(offers=(written,)), shop.context(), frozenset())

    without = decide("d", Asked("strip", "k1"), shelf)
    beside_a_drink = decide("d", Asked("strip", "k1", basket=("tea",)), shelf)

    assert proposing(without) == {}
    assert without.suppressed["condition_not_met"] == ("o",)
    assert proposing(beside_a_drink) == {"bun": "o"}


def test_the_load_of_the_kitchen_is_asked_at_each_request_and_moves_no_shelf() -> None:
    written = offer(eligible_when="kitchen.load < 0.5")
    shelf = stock_shelf(shop.corner(offers=(written,)), shop.context(), frozenset())
    quiet, busy = (shelf.moved_to(replace(shop.context(), kitchen_load=n)) for n in (0.1, 0.9))

    assert proposing(decide("d", Asked("strip", "k1"), quiet)) == {"bun": "o"}
    assert proposing(decide("d", Asked("strip", "k1"), busy)) == {}


def test_a_condition_that_fails_drops_its_offer_only_and_is_told() -> None:
    broken = offer("broken", eligible_when="10 / (time.hour - 12) > 1")
    decision = decided(broken, offer("fine", skus=("scone",)))

    assert proposing(decision) == {"scone": "fine"}
    assert decision.suppressed["condition_failed"] == ("broken",)
    here = decision.shelf.at(shop.STRIP)
    assert "divide by zero" in here.standing.failed["broken"]


def test_of_two_offers_for_one_product_the_first_written_proposes_it() -> None:
    first = offer("first", eligible_when="basket.count >= 0")
    second = offer("second")

    assert proposing(decided(first, second)) == {"bun": "first"}
    assert proposing(decided(second, first)) == {"bun": "second"}


def test_an_offer_waits_until_enough_is_left_and_an_unknown_stock_is_enough() -> None:
    written = offer(needs={"stock": {"bun": 5, "tea": 1}})

    assert short_of([written], {}) == frozenset()
    assert short_of([written], {"bun": 5}) == frozenset()
    assert short_of([written], {"bun": 4}) == {"o"}
    assert decided(written, short=frozenset({"o"})).suppressed["not_enough_left"] == ("o",)


def test_a_bundle_is_proposed_once_and_only_while_each_part_is_to_be_had() -> None:
    written = offer(skus=("bun", "latte"), is_bundle=True)
    no_part = {"part_is_missing": ("o",)}

    assert proposing(decided(written)) == {"bun": "o"}
    assert no_part.items() <= decided(written, sold_out=frozenset({"latte"})).suppressed.items()
    not_now = offer(skus=("bun", "porridge"), is_bundle=True)  # porridge is for breakfast
    assert no_part.items() <= decided(not_now).suppressed.items()
    not_sold = offer(skus=("bun", "mystery"), is_bundle=True)  # nobody knows its allergens
    assert no_part.items() <= decided(not_sold).suppressed.items()


def test_a_bundle_with_a_part_that_a_shopper_cannot_eat_is_left_out_and_nothing_says_so() -> None:
    written = offer(skus=("bun", "scone"), is_bundle=True)
    avoiding = Asked("strip", "k1", avoid=frozenset({Allergen.MILK}))
    decision = decided(written, asked=avoiding)

    assert proposing(decision) == {}
    assert not any("o" in ids for ids in decision.suppressed.values())
    assert proposing(decided(written, asked=Asked("strip", "k1", basket=("scone",)))) == {}


def test_an_offer_that_needs_a_consent_is_for_those_who_gave_it_and_nothing_says_so() -> None:
    written = offer(needs={"consent": ["tastes"]})
    gave = Recognised((Basis("r1", Purpose.TASTES),))
    other = Recognised((Basis("r1", Purpose.PAST_ORDERS),))

    assert proposing(decided(written, asked=Asked("strip", "k1", recognised=gave))) == {"bun": "o"}
    for somebody in (None, other):
        decision = decided(written, asked=Asked("strip", "k1", recognised=somebody))
        assert proposing(decision) == {}
        assert not any("o" in ids for ids in decision.suppressed.values())


def test_offers_for_other_places_are_in_no_list_of_what_was_left_out() -> None:
    decision = decided(offer("board", surfaces=["signage"]), offer("nudge", placements=["nudge"]))

    assert not any({"board", "nudge"} & set(ids) for ids in decision.suppressed.values())


def test_a_record_names_two_hundred_offers_of_a_rule_and_counts_the_rest() -> None:
    many = [offer(f"o{n}", valid_to="2020-01-01") for n in range(MOST_NAMED + 50)]

    named = decided(*many).suppressed["not_valid_today"]

    assert len(named) == MOST_NAMED + 1
    assert named[-1] == "and 50 more"


def test_a_service_message_is_an_offer_about_a_product_and_saying_nothing_is_an_answer() -> None:
    serves = offer("queue", taxonomy={"type": "service", "intent": "serve"}, skus=("tea",))
    decision = decided(serves, asked=Asked("nudge", "k1"))

    assert proposing(decided(serves)) == {"tea": "queue"}
    assert decision.slate.shown == ()  # nothing goes with an empty basket
