"""Slots that a strategy fills: best sellers, what is cheap, what goes with the basket."""

from collections import Counter

import pytest
from pydantic import ValidationError

from edge.catalog.allergens import Allergen
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.decide.decide import Decision, decide
from edge.decide.record import Place, body, candidate_bytes, replay, slate_bytes
from edge.decide.shelf import stock_shelf
from edge.decide.sold import Sold
from edge.decide.values import Asked, Basis, Bought, Reason, Recognised
from edge.identity.consent import Purpose
from tests.fakes import shop

SOLD = Sold(of_month={"bun": 40, "tea": 20, "mystery": 100}, of_day={"scone": 10})


def placement(*strategies: dict[str, object], **more: object) -> Placement:
    written = {"id": "row", "surface": "kiosk", "slots": 3, "strategies": strategies}
    return Placement.model_validate({**written, **more})


def decided(
    place: Placement,
    *,
    decision_id: str = "d",
    offers: tuple[Offer, ...] = (),
    trend: dict[str, int] | None = None,
    **asked: object,
) -> Decision:
    ranker = shop.TableRanker(shop.MOMENT, {("latte", "scone"): 5.0, ("latte", "bun"): 1.0})
    bundle = shop.corner(ranker, offers=offers, placements=(place,))
    shelf = stock_shelf(bundle, shop.context(trend=trend), frozenset(), sold=SOLD)
    return decide(decision_id, Asked("row", "k1", **asked), shelf)  # type: ignore[arg-type] # fields of Asked


def row(decision: Decision) -> list[str]:
    return [one.sku for one in decision.slate.shown]


def replayed(decision: Decision) -> bytes:
    recorded = body(decision, Place("corner-cafe", "dev", "kiosk"))
    return slate_bytes(replay(recorded, candidate_bytes(decision), decision.shelf.bundle.site))


@pytest.mark.parametrize(
    ("by", "first", "reason"),
    [
        ("popular", "bun", Reason.POPULAR_HERE),  # the mystery may not be sold at a kiosk
        ("recent", "scone", Reason.POPULAR_HERE),
        ("trending", "salad", Reason.POPULAR_NOW),
        ("low-price", "tea", Reason.LOW_PRICE),
        ("staff-pick", "scone", Reason.STAFF_PICK),
        ("new", "tea", Reason.NEW_HERE),
    ],
)
def test_a_strategy_fills_its_slot_and_is_the_reason(by: str, first: str, reason: Reason) -> None:
    offers = tuple(
        Offer.model_validate(
            {
                "offer": name,
                "owner": "o",
                "skus": [sku],
                "headline": {"en": "H"},
                "surfaces": ["kiosk"],
                **more,
            }
        )
        for name, sku, more in (
            ("pick", "scone", {"staff_pick": True}),
            ("paid", "bun", {"staff_pick": True, "sponsored": True, "priority": 3.0}),
            ("launch", "tea", {"taxonomy": {"type": "launch"}}),
        )
    )
    decision = decided(placement({"slot": 1, "by": by}), offers=offers, trend={"salad": 10})
    shown = decision.slate.shown[1]

    assert (shown.sku, shown.reason) == (first, reason)
    assert sum(shown.parts.values()) == shown.score > 0
    assert len(set(row(decision))) == 3
    assert replayed(decision) == slate_bytes(decision.slate)


def test_where_a_strategy_finds_nothing_the_ranking_fills_the_slot() -> None:
    plain, trending = placement(), placement({"slot": 0, "by": "trending"})

    assert row(decided(trending)) == row(decided(plain))


def test_what_goes_with_the_basket_is_the_models_part_for_it_alone() -> None:
    place = placement({"slot": 0, "by": "also-bought"}, {"slot": 1, "by": "also-bought"})
    decision = decided(place, basket=("latte",))

    assert row(decision)[:2] == ["scone", "bun"]
    assert {one.reason for one in decision.slate.shown[:2]} == {Reason.GOES_WITH_BASKET}
    assert replayed(decision) == slate_bytes(decision.slate)


def test_buy_again_is_for_those_who_let_us_look_and_leaves_nothing_else_in_the_record() -> None:
    bought = (Bought("salad", 2.0, 5), Bought("bun", 1.0, 1))
    gave = Recognised((Basis("r", Purpose.PAST_ORDERS),), bought=bought)
    place = placement({"slot": 0, "by": "buy-again"})
    known = decided(place, recognised=gave)

    assert row(known)[0] == "salad"
    assert known.slate.shown[0].reason is Reason.YOUR_USUAL
    assert replayed(known) == slate_bytes(known.slate)
    assert row(decided(place)) == row(decided(placement()))


def test_nothing_is_proposed_again_that_a_policy_objects_to_nor_counts_as_less_personal() -> None:
    bought = (Bought("salad", 500.0, 5), Bought("bun", 1.0, 2), Bought("scone", 1.0, 1))
    gave = Recognised((Basis("r", Purpose.PAST_ORDERS),), bought=bought)
    slots = tuple({"slot": n, "by": "buy-again"} for n in range(3))
    decision = decided(placement(*slots), recognised=gave)
    again = [one.sku for one in decision.slate.shown if one.reason is Reason.YOUR_USUAL]

    # The salad is too long ago, and at most half of a row may be personal.
    assert again == ["bun"]
    assert replayed(decision) == slate_bytes(decision.slate)


def test_a_category_is_in_the_picks_and_around_them_as_often_as_the_spread_allows() -> None:
    place = placement({"slot": 0, "by": "popular"}, {"slot": 1, "by": "recent"}, spread=1)
    decision = decided(place)
    of = {one.sku: one.category for one in shop.PRODUCTS}

    assert row(decision)[0] == "bun"
    assert "scone" not in row(decision)  # of the bun's category
    assert max(Counter(of[sku] for sku in row(decision)).values()) == 1
    assert replayed(decision) == slate_bytes(decision.slate)


def test_a_shuffle_draws_from_the_first_few_and_records_the_chance() -> None:
    place = placement({"slot": 0, "by": "low-price", "shuffle": 3})
    decisions = [decided(place, decision_id=f"d{n}") for n in range(60)]
    firsts = Counter(row(decision)[0] for decision in decisions)

    assert set(firsts) == {"tea", "latte", "scone"}  # all cost the same: the catalog's order
    assert {one.slate.shown[0].propensity for one in decisions} == {1 / 3}
    assert all(replayed(one) == slate_bytes(one.slate) for one in decisions)


def test_nothing_is_shuffled_while_allergens_are_filtered() -> None:
    place = placement({"slot": 0, "by": "low-price", "shuffle": 3})
    avoiding = decided(place, avoid=frozenset({Allergen.MILK}))

    assert avoiding.slate.shown[0].propensity == 1.0
    assert replayed(avoiding) == slate_bytes(avoiding.slate)


def test_an_upsell_costs_more_than_the_dearest_product_of_the_basket() -> None:
    place = placement({"slot": 0, "by": "low-price", "upsell_minor": 1})

    # Everything costs 300: nothing is dearer than the tea, so the ranking fills the slot.
    assert row(decided(place, basket=("tea",))) == row(decided(placement(), basket=("tea",)))
    assert row(decided(place))[0] == "tea"  # nothing in the basket yet


def test_what_another_row_of_the_page_shows_is_not_shown_again() -> None:
    place = placement({"slot": 0, "by": "popular"}, fallback=("bun", "tea"))
    decision = decided(place, taken=("bun", "latte"))

    assert not {"bun", "latte"} & set(row(decision))
    assert decision.suppressed["in_another_row"] == ("bun", "latte")


def test_a_wild_card_keeps_its_slot_beside_a_strategy() -> None:
    place = placement({"slot": 0, "by": "popular"}, explore_slot=2)
    decision = decided(place)

    assert row(decision)[0] == "bun"
    assert [one.is_explored for one in decision.slate.shown] == [False, False, True]
    assert replayed(decision) == slate_bytes(decision.slate)


@pytest.mark.parametrize(
    ("strategies", "more", "told"),
    [
        (({"slot": 3, "by": "popular"},), {}, "slots 0 to 2"),
        (({"slot": 0, "by": "popular"}, {"slot": 0, "by": "new"}), {}, "each once"),
        (({"slot": 2, "by": "popular"},), {"explore_slot": 2}, "explore_slot"),
        (({"slot": 0, "by": "buy-again"},), {"surface": "signage"}, "boards look at nobody"),
        (({"slot": 0, "by": "popular"},), {"personal": "usual"}, "personal placement"),
        (({"slot": 0, "by": "popular"},), {"needs_basket": True}, "also-bought"),
    ],
)
def test_a_strategy_that_does_not_fit_its_placement_is_refused(
    strategies: tuple[dict[str, object], ...], more: dict[str, object], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        placement(*strategies, **more)
