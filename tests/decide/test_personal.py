"""Decisions for a recognised customer: rows of their own, wishes, and what they change."""

from dataclasses import replace

import pytest

from edge.catalog.allergens import Allergen
from edge.core.errors import RequestContractError
from edge.decide.bundle import bundle
from edge.decide.decide import decide
from edge.decide.shelf import stock_shelf
from edge.decide.values import Asked, Bought, Reason, Recognised
from edge.decide.wishes import LESS, STAR, SURPRISE
from tests.fakes import shop
from tests.fakes.dice import Dice
from tests.fakes.regular import BASIS, PLACEMENTS, USUAL, decided, regular, shelf, skus, somebody

LATTE = Bought("latte", 1.0, 2)
BUN = Bought("bun", 20.0, 1)


def test_parts_of_a_personalised_slate_sum_to_its_scores() -> None:
    dice = Dice("sums")
    checked = 0
    for number in range(600):
        placement = dice.choice([p.id for p in PLACEMENTS if p.surface != "signage"])
        who = somebody(dice)
        for one in decided(placement, who, decision_id=f"d{number}").slate.shown:
            assert sum(one.parts.values()) == pytest.approx(one.score, abs=1e-5)
            checked += 1
    assert checked > 500


# ---- your usual --------------------------------------------------------------------------


def test_your_usual_is_what_they_bought_or_starred_and_nothing_else() -> None:
    decision = decided("usual", regular(LATTE, BUN, starred=("salad",)))

    assert skus(decision) == ["latte", "salad", "bun"]
    assert {one.reason for one in decision.slate.shown} == {Reason.YOUR_USUAL}


def test_your_usual_is_shorter_rather_than_filled_with_something_else() -> None:
    assert skus(decided("usual", regular(BUN))) == ["bun"]


def test_your_usual_leaves_out_what_is_sold_out_or_not_served_now() -> None:
    gone = stock_shelf(shelf().bundle, shop.context(), frozenset({"latte"}))
    known = regular(LATTE, Bought("porridge", 1.0, 5), BUN)

    found = decide("d", Asked("usual", "kiosk-1", recognised=known), gone)

    assert skus(found) == ["bun"]


# ---- goes with what you like, new for you ------------------------------------------------


def test_goes_with_what_you_like_is_never_bought_and_mainly_for_that_reason() -> None:
    decision = decided("tastes", regular(LATTE))
    (scone,) = decision.slate.shown

    assert (scone.sku, scone.reason) == ("scone", Reason.GOES_WITH_TASTES)
    assert scone.parts["tastes"] == 2.0
    assert "basket" not in scone.parts


def test_each_product_they_like_is_asked_for_alone() -> None:
    """With both in one basket the salad would have -1.5, and would be missed."""
    decision = decided("tastes", regular(LATTE, BUN))

    assert skus(decision) == ["scone", "salad"]
    assert decision.slate.because == {"scone": "latte", "salad": "bun"}


def test_new_for_you_is_close_to_what_they_like_and_never_bought() -> None:
    decision = decided("new", regular(LATTE))
    (tea,) = decision.slate.shown

    assert (tea.sku, tea.reason) == ("tea", Reason.NEW_FOR_YOU)
    assert 0 < tea.parts["tastes"] < tea.parts["moment"]


def test_without_a_look_at_their_orders_nothing_is_said_to_be_new_for_them() -> None:
    (tastes_only, _) = BASIS
    known = regular(starred=("latte",), basis=(tastes_only,))

    assert skus(decided("tastes", known)) == ["scone"]
    assert skus(decided("new", known)) == []
    assert skus(decided("new", replace(known, basis=BASIS))) == ["tea"]


def test_the_two_rows_of_what_they_never_bought_share_nothing() -> None:
    dice = Dice("two rows")
    for _ in range(300):
        who = somebody(dice)
        assert not set(skus(decided("tastes", who))) & set(skus(decided("new", who)))


def test_what_they_bought_or_starred_is_in_neither_of_these_rows() -> None:
    dice = Dice("never bought")
    for _ in range(300):
        who = replace(somebody(dice), basis=BASIS)
        familiar = who.starred | {one.sku for one in who.bought}
        for row in ("tastes", "new"):
            assert not set(skus(decided(row, who))) & familiar


def test_the_row_of_tastes_is_empty_where_the_ranker_knows_no_pairs() -> None:
    plain = stock_shelf(
        shop.corner(shop.TableRanker(shop.MOMENT), placements=PLACEMENTS),
        shop.context(),
        frozenset(),
    )
    found = decide("d", Asked("tastes", "kiosk-1", recognised=regular(LATTE)), plain)

    assert skus(found) == []


@pytest.mark.parametrize("row", ["usual", "tastes", "new"])
@pytest.mark.parametrize("who", [None, regular(), regular(LATTE, basis=())])
def test_a_personal_row_is_empty_for_whoever_it_is_not_about(
    row: str, who: Recognised | None
) -> None:
    assert skus(decided(row, who)) == []


@pytest.mark.parametrize("row", ["usual", "tastes", "new"])
def test_a_personal_row_keeps_to_the_allergen_filter(row: str) -> None:
    known = regular(LATTE, Bought("scone", 1.0, 1), BUN)
    asked = Asked(row, "kiosk-1", recognised=known, avoid=frozenset({Allergen.GLUTEN}))

    assert not {"scone", "bun"} & set(skus(decide("d", asked, shelf())))


def test_no_slot_of_a_personal_row_is_drawn() -> None:
    drawing = USUAL.model_copy(update={"explore_slot": 1})
    scoring = shelf().bundle.scoring
    row = stock_shelf(
        bundle(shop.site(placements=(drawing,)), scoring), shop.context(), frozenset()
    )
    known = regular(LATTE, BUN, Bought("scone", 1.0, 1), starred=("salad",))
    asked = Asked("usual", "kiosk-1", recognised=known)

    shown = [decide(f"d{number}", asked, row).slate.shown for number in range(20)]

    assert {len(slate) for slate in shown} == {3}
    assert not any(one.is_explored for slate in shown for one in slate)


# ---- the rows everybody has --------------------------------------------------------------


def test_past_orders_move_the_strip_and_are_the_reason_where_they_are_the_most() -> None:
    known = regular(Bought("bun", 0.0, 4))
    first = decided("strip", known).slate.shown[0]

    assert (first.sku, first.reason) == ("bun", Reason.PAST_ORDERS_HERE)
    assert first.parts["history"] == 4.0
    assert "bun" not in skus(decided("strip", None))[:1]


def test_a_nudge_needs_the_basket_as_a_reason_and_its_one_place_is_never_personal() -> None:
    """At most half of a row that is not theirs may be: of one place, none."""
    mostly_past = regular(Bought("scone", 0.0, 5), Bought("salad", 0.0, 9))
    nothing = decided("nudge", mostly_past, basket=("latte",)).slate.shown
    (scone,) = decided("nudge", regular(Bought("scone", 30.0, 1)), basket=("latte",)).slate.shown

    assert nothing == ()
    assert (scone.sku, scone.reason) == ("scone", Reason.GOES_WITH_BASKET)
    assert scone.parts["history"] > 0


def test_a_star_raises_a_product_and_says_so() -> None:
    known = regular(starred=("salad",))
    starred = next(one for one in decided("plain", known).slate.shown if one.sku == "salad")

    assert starred.parts["wishes"] == STAR
    assert starred.reason is Reason.STATED_TASTE


def test_less_lowers_a_whole_category_but_not_what_they_starred() -> None:
    decision = decided("plain", regular(less=("drink",), starred=("tea",)))
    parts = {one.sku: one.parts["wishes"] for one in decision.slate.shown}

    assert (parts["latte"], parts["tea"], parts["bun"]) == (LESS, STAR, 0.0)


def test_more_surprises_raise_what_they_never_bought() -> None:
    decision = decided("plain", regular(LATTE, surprise="more"))
    parts = {one.sku: one.parts["surprise"] for one in decision.slate.shown}

    assert parts["latte"] == 0.0
    assert parts["tea"] == pytest.approx(SURPRISE)


def test_a_wish_for_surprises_does_not_fill_the_row_of_their_taste() -> None:
    decision = decided("tastes", regular(LATTE, surprise="more"))

    assert skus(decision) == ["scone"]
    assert "surprise" not in decision.slate.shown[0].parts


def test_no_surprises_switches_the_drawn_slot_off_and_fills_it() -> None:
    calm = decided("strip", regular(LATTE, surprise="none")).slate.shown
    usual = decided("strip", regular(LATTE)).slate.shown

    assert len(calm) == len(usual) == 3
    assert not any(one.is_explored for one in calm)
    assert any(one.is_explored for one in usual)


def test_a_muted_category_is_never_suggested_by_any_means() -> None:
    """Not by score, star or draw, and not as a fallback (of which the strip has a bun)."""
    known = regular(Bought("bun", 0.0, 9), starred=("scone",), muted=("scone",))
    for number in range(100):
        for placement in ("strip", "plain", "usual", "tastes", "new"):
            decision = decided(placement, known, decision_id=f"d{number}")
            assert not {"scone", "bun"} & set(skus(decision)), placement


def test_a_muted_category_is_no_fallback_either() -> None:
    nothing = stock_shelf(
        shop.corner(shop.TableRanker({}), placements=PLACEMENTS), shop.context(), frozenset()
    )
    asked = Asked("strip", "kiosk-1", recognised=regular(muted=("scone",)))

    assert skus(decide("d", asked, nothing)) == ["tea"]


def test_no_list_of_the_decision_says_what_is_muted() -> None:
    decision = decided("plain", regular(muted=("scone",)))

    assert "muted" not in decision.suppressed
    assert "muted" not in decision.slate.suppressed
    assert "bun" not in str(decision.suppressed)


# ---- who may be asked about --------------------------------------------------------------


def test_a_board_that_is_asked_for_somebody_is_refused() -> None:
    with pytest.raises(RequestContractError, match="hero, a board's"):
        decided("hero", regular(LATTE))


def test_a_decision_relies_on_the_consents_that_this_screen_may_use() -> None:
    assert decided("strip", regular(LATTE)).basis == BASIS
    assert decided("strip", None).basis == ()
    assert decided("strip", regular(LATTE, basis=())).basis == ()


def test_a_filtered_decision_relies_on_nobodys_consent() -> None:
    asked = Asked("strip", "kiosk-1", "v", recognised=regular(LATTE))
    filtered = replace(asked, avoid=frozenset({Allergen.FISH}))

    assert decide("d", filtered, shelf()).basis == ()
    assert decide("d", filtered, shelf()).slate.is_unlinked
    assert not decide("d", asked, shelf()).slate.is_unlinked


def test_nothing_of_a_customer_is_in_the_words_of_a_decision() -> None:
    known = regular(LATTE, starred=("salad",), muted=("other",))
    decision = decided("usual", known)

    for printed in (repr(known), repr(decision.recognised), repr(decision.asked)):
        assert "latte" not in printed
        assert "salad" not in printed
        assert "other" not in printed
