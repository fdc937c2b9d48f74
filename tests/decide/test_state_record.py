"""Whatever was counted, assigned and learned before, a record replays byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.catalog.experiments import ArmPlan, ExperimentPlan, Experiments, Layer
from edge.catalog.explanation import Explanation
from edge.catalog.placement import Placement
from edge.decide.bundle import Scoring, bundle
from edge.decide.decide import Decision, decide
from edge.decide.explanation import explain
from edge.decide.record import Place, body, candidate_bytes, replay, slate_bytes
from edge.decide.shelf import Shelf, stock_shelf
from edge.decide.state import State
from edge.decide.values import Asked, Bought, Recognised
from edge.experiment.assignment import Arm, Assignment
from edge.policy.contacts import Contacts
from tests.fakes import shop
from tests.fakes.offers import authored
from tests.fakes.regular import PLACEMENTS, HistoryRanker, regular

PLACE: Final = Place("corner-cafe", "kiosk-a", "kiosk")
PLAN: Final = ArmPlan(share=0.5, offers_off=frozenset({"push"}))
ARM: Final = Arm("words", "short", "b", "customer", PLAN)
WIDE: Final = Placement(id="wide", surface="kiosk", slots=5, spread=2, explore_slot=3)
NARROW: Final = Placement(id="narrow", surface="kiosk", slots=2, explore_slot=1)
RICH: Final = Placement(
    id="rich", surface="kiosk", slots=3, order="value", explore_slot=1, fallback=("tea",)
)
EXPLAIN: Final = tuple(
    Explanation.model_validate({"id": f"x.{name}", "lang": {"en": "So"}, "group": group, **more})
    for name, group, more in (
        ("hour", "moment", {"needs": ["daypart"]}),
        ("past", "history", {"needs": ["purchase"], "min_privacy": "private"}),
        ("house", "merchant", {"needs": ["offer"]}),
        ("wild", "discovery", {}),
    )
)


@dataclass(frozen=True)
class Learned:
    """A learner that says a number per row, also a strange one."""

    scale: float
    version: str = "learner-7"

    def adjust(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return something that differs from row to row."""
        return np.float32(self.scale) * features @ np.linspace(-1, 1, 32, dtype=np.float32)


def corner() -> Shelf:
    """Return the corner cafe with offers, an experiment and explanations of its own."""
    arms = {"control": ArmPlan(share=0.5), "b": PLAN}
    plan = ExperimentPlan(id="short", range=(0, 1), arms=arms, primary="take-rate")
    offers = (
        authored("push", "salad", priority=3.0, value={"forecast_per_week": 40}),
        authored("paid", "bun", priority=1.0, sponsored=True, value={"margin_minor": 400}),
        authored("quiet", "tea", tags=["debt"]),
    )
    written = shop.site(offers=offers, placements=(*PLACEMENTS, WIDE, NARROW, RICH)).model_copy(
        update={
            "experiments": Experiments(layers=(Layer(id="words", experiments=(plan,)),)),
            "explanations": EXPLAIN,
        }
    )
    ranker = HistoryRanker()
    scoring = Scoring(ranker, shop.trend_as_base, ranker.items)
    return stock_shelf(bundle(written, scoring), shop.context(), frozenset())


SHELF: Final = corner()
SITE: Final = SHELF.bundle.site
AGO: Final = st.integers(0, 20).map(lambda days: shop.NOON - timedelta(days=days))
STATES: Final = st.builds(
    State,
    contacts=st.builds(
        Contacts,
        personal=st.lists(AGO, max_size=20).map(lambda found: tuple(sorted(found))),
        dismissed=st.dictionaries(st.sampled_from(["drink", "scone", "salad"]), AGO, max_size=2),
        bought=st.dictionaries(st.sampled_from(["drink", "scone"]), AGO, max_size=2),
        of_visit=st.dictionaries(st.sampled_from(["push", "paid"]), st.integers(0, 9)),
    ),
    assignment=st.sampled_from(
        [Assignment(), Assignment(holdout="global"), Assignment(arms={"words": ARM})]
    ),
    learner=st.one_of(st.none(), st.floats(-9, 9).map(Learned), st.just(Learned(float("nan")))),
    pressure=st.dictionaries(st.sampled_from(["push", "paid"]), st.floats(0.5, 2.0)),
)
WHO: Final = st.one_of(
    st.none(),
    st.builds(
        lambda bought, stars: regular(*bought, starred=tuple(stars)),
        st.lists(
            st.builds(Bought, st.sampled_from(shop.ITEMS), st.floats(0, 90), st.integers(1, 4)),
            max_size=4,
        ),
        st.lists(st.sampled_from(shop.ITEMS), max_size=2),
    ),
)
ROWS: Final = [p.id for p in (*PLACEMENTS, WIDE, NARROW, RICH) if p.surface != "signage"]


def written(decision: Decision) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = orjson.loads(body(decision, PLACE))
    return facts


@given(
    row=st.sampled_from(ROWS),
    who=WHO,
    state=STATES,
    decision_id=st.text(min_size=1, max_size=20),
    basket=st.lists(st.sampled_from(["tea", "latte"]), unique=True, max_size=2),
)
def test_whatever_the_state_a_decision_is_replayed_byte_for_byte(
    row: str, who: Recognised | None, state: State, decision_id: str, basket: list[str]
) -> None:
    asked = Asked(row, "kiosk-1", "v", basket=tuple(basket), recognised=who)
    decision = decide(decision_id, asked, SHELF, None, state)

    again = replay(body(decision, PLACE), candidate_bytes(decision), SITE)

    assert slate_bytes(again) == slate_bytes(decision.slate)
    assert slate_bytes(decide(decision_id, asked, SHELF, None, state).slate) == slate_bytes(again)


def test_what_the_state_knew_of_a_person_is_in_no_record() -> None:
    contacts = Contacts(
        of_person={"push": (shop.NOON,)},
        personal=(shop.NOON,) * 3,
        dismissed={"scone": shop.NOON},
        bought={"drink": shop.NOON},
        of_visit={"paid": 2},
    )
    known = regular(Bought("latte", 1.0, 2))
    asked = Asked("strip", "kiosk-1", "v", recognised=known)
    facts = written(decide("d", asked, SHELF, None, State(contacts=contacts)))

    assert facts["contacts"] == {"visit": 2, "board": 0}
    left_out = [ids for rule, ids in facts["suppressed"].items() if rule == "overcrowding"]
    assert left_out == []  # a gap of scones would say what they sent away


def test_a_record_names_arms_policy_learner_and_what_made_the_value() -> None:
    state = State(assignment=Assignment(arms={"words": ARM}), learner=Learned(0.1))
    decision = decide("d", Asked("rich", "kiosk-1", "v"), SHELF, None, state)
    facts = written(decision)

    assert facts["assignment"]["arms"][0]["arm"] == "b"
    assert facts["policy"] == SHELF.bundle.policy_digest
    assert facts["learner"] == "learner-7"
    assert set(facts["values"]) <= {one.sku for one in decision.slate.shown}
    assert facts["values"]["bun"][1] == 400
    told = explain(body(decision, PLACE), candidate_bytes(decision), SITE)
    assert told["replay"] == "identical"
    stages: Any = told["stages"]
    assert stages["values"]["bun"]["worth_minor"] == 400


def test_what_is_learned_changes_how_likely_a_slot_is_drawn_and_no_score() -> None:
    asked = Asked("narrow", "kiosk-1", "v")
    plain = decide("d", asked, SHELF)
    learned = decide("d", asked, SHELF, None, State(learner=Learned(0.3)))
    broken = decide("d", asked, SHELF, None, State(learner=Learned(float("nan"))))

    def drawn(decision: Decision) -> float:
        (one,) = (one for one in decision.slate.shown if one.is_explored)
        return one.propensity

    assert drawn(plain) != drawn(learned)
    assert drawn(plain) == drawn(broken)
    scores = [one.score for one in plain.slate.shown if not one.is_explored]
    assert scores == [one.score for one in learned.slate.shown if not one.is_explored]


def test_a_push_that_changed_the_row_is_said_and_one_that_did_not_is_not() -> None:
    shown = decide("d", Asked("strip", "kiosk-1"), SHELF).slate.shown
    alone = decide("d", Asked("plain", "till-1"), SHELF).slate.shown

    assert [one.is_moved_up for one in shown if one.offer_id == "push"] == [True]
    first = max(alone, key=lambda one: one.score - one.parts.get("offer", 0.0))
    assert not first.is_moved_up


def test_an_offer_that_a_policy_refuses_leaves_its_product_behind_as_itself() -> None:
    decision = decide("d", Asked("plain", "till-1"), SHELF)

    assert "quiet" in decision.suppressed["moral_hazards"]
    assert "product:tea" in {one.offer_id for one in decision.slate.shown}
    assert decision.withheld["moral_hazards"] == 1


def test_a_row_of_five_is_no_dead_end() -> None:
    for number in range(50):
        known = regular(*(Bought(sku, 0.0, 9) for sku in shop.ITEMS))
        for who in (None, known):
            asked = Asked("wide", "kiosk-1", "v", recognised=who)
            shown = decide(f"d{number}", asked, SHELF).slate.shown
            if len(shown) >= 5:
                assert len({SITE.product(one.sku).category for one in shown}) >= 2  # type: ignore[union-attr]
                assert any(one.reason not in ("past_orders_here", "your_usual") for one in shown)


@pytest.mark.parametrize("row", ["strip", "plain", "nudge"])
def test_what_version_1_recorded_is_still_replayed_by_its_own_rules(row: str) -> None:
    site = shop.site()
    shelf = stock_shelf(shop.corner(), shop.context(), frozenset())
    decision = decide("decision-1", Asked(row, "kiosk-1", basket=("latte",)), shelf)
    facts = dict(written(decision))
    later = ("settled", "met", "policy", "assignment", "contacts", "order", "values", "moved_up")
    for name in (*later, "learner", "adjusted", "is_analysis", "picks"):
        facts.pop(name, None)
    old = orjson.dumps(facts | {"v": 1})

    again = replay(old, candidate_bytes(decision), site)

    assert slate_bytes(again) == orjson.dumps(facts["slate"], option=orjson.OPT_SORT_KEYS)
