"""What an assignment changes: who is held out sees what ships, arms act where their layer does."""

from dataclasses import replace
from typing import Final

import pytest

from edge.catalog.experiments import ArmPlan, ExperimentPlan, Experiments, Layer
from edge.decide.assigned import held_out, treatment
from edge.decide.bundle import Scoring, bundle
from edge.decide.decide import Decision, decide
from edge.decide.shelf import Shelf, stock_shelf
from edge.decide.state import State
from edge.decide.values import Asked, Bought, Reason
from edge.experiment.assignment import Arm, Assignment
from tests.fakes import shop
from tests.fakes.dice import Dice
from tests.fakes.offers import authored
from tests.fakes.regular import PLACEMENTS, HistoryRanker, regular, shelf, somebody

HELD_OUT: Final = State(assignment=Assignment(holdout="global"))
PERSONAL: Final = frozenset(
    {
        Reason.PAST_ORDERS_HERE,
        Reason.YOUR_USUAL,
        Reason.GOES_WITH_TASTES,
        Reason.NEW_FOR_YOU,
        Reason.STATED_TASTE,
    }
)
PERSONAL_PARTS: Final = ("history", "tastes", "wishes", "surprise")
PLAN: Final = ArmPlan(
    share=0.5,
    module_variants={"m.words": "b"},
    offers_off=frozenset({"push"}),
    exploration_off=True,
)
ARM: Final = Arm("words", "short", "b", "visit", PLAN)


def arranged(placements: frozenset[str] = frozenset()) -> Shelf:
    """Return the corner cafe with one offer and an experiment at ``placements``."""
    arms = {"control": ArmPlan(share=0.5), "b": PLAN}
    plan = ExperimentPlan(id="short", range=(0, 1), arms=arms, primary="take-rate")
    layer = Layer(id="words", placements=placements, experiments=(plan,))
    site = shop.site(offers=(authored("push", "salad", priority=3.0),), placements=PLACEMENTS)
    written = site.model_copy(update={"experiments": Experiments(layers=(layer,))})
    ranker = HistoryRanker()
    scoring = Scoring(ranker, shop.trend_as_base, ranker.items)
    return stock_shelf(bundle(written, scoring), shop.context(), frozenset())


def asked(state: State, at: Shelf, decision_id: str = "d") -> Decision:
    return decide(decision_id, Asked("strip", "kiosk-1", "v"), at, None, state)


def test_whoever_is_held_out_sees_no_personalised_and_no_drawn_slot() -> None:
    dice = Dice("held-out")
    at = shelf()
    for number in range(300):
        who = somebody(dice) if dice.below(2) else None
        who = who if who is None or who.basis else None
        placement = dice.choice(("strip", "nudge", "usual", "tastes", "new"))
        basket = dice.sample(("tea", "latte"), dice.below(3))
        what = Asked(placement, "kiosk-1", "v", basket=basket, recognised=who)

        shown = decide(f"d{number}", what, at, None, HELD_OUT).slate.shown

        assert not any(one.is_explored or one.reason in PERSONAL for one in shown)
        assert not any(one.parts.get(part) for one in shown for part in PERSONAL_PARTS)
        if placement in ("usual", "tastes", "new"):
            assert shown == ()


def test_whoever_is_held_out_sees_what_a_stranger_sees_without_exploration() -> None:
    at, known = shelf(), regular(Bought("bun", 1.0, 9), starred=("salad",))
    mine = decide("d", Asked("plain", "till", recognised=known), at, None, HELD_OUT)
    strangers = decide("d", Asked("plain", "till"), at)

    assert mine.slate.shown == strangers.slate.shown


def test_what_somebody_never_wants_to_see_stays_away_also_while_held_out() -> None:
    known = regular(Bought("bun", 1.0, 9), starred=("salad",), muted=("drink",))
    decision = decide("d", Asked("plain", "till", recognised=known), shelf(), None, HELD_OUT)

    assert not {one.sku for one in decision.slate.shown} & {"tea", "latte"}
    assert decision.keeps_only_shown  # a gap in a list of the others would tell what is muted
    left = held_out(known)
    assert left is not None
    assert (left.bought, left.starred, left.muted) == ((), frozenset(), frozenset({"drink"}))
    assert held_out(replace(known, muted=frozenset())) is None


def test_an_arm_takes_an_offer_away_shows_its_variant_and_stops_exploring() -> None:
    control, other = (
        asked(State(), arranged()),
        asked(State(assignment=Assignment(arms={"words": ARM})), arranged()),
    )

    assert control.slate.shown[0].offer_id == "push"
    assert "push" not in {one.offer_id for one in other.slate.shown}
    assert any(one.is_explored for one in control.slate.shown)
    assert not any(one.is_explored for one in other.slate.shown)
    assert other.slate.variants == {"m.words": "b"}


@pytest.mark.parametrize(
    ("placements", "acts"), [((), True), (("strip",), True), (("plain",), False)]
)
def test_an_arm_acts_only_where_its_layer_does(placements: tuple[str, ...], acts: bool) -> None:
    at = arranged(frozenset(placements))
    assignment = Assignment(arms={"words": ARM})

    found = treatment(assignment, at.bundle.site, shop.STRIP)

    assert (found.offers_off == {"push"}) is acts
    assert found.explores is not acts


def test_who_is_held_out_is_in_no_arm() -> None:
    assignment = Assignment(holdout="global", arms={"words": ARM})
    found = treatment(assignment, arranged().bundle.site, shop.STRIP)

    assert found.is_held_out
    assert not found.variants
    assert not found.offers_off
