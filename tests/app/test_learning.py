"""The device learns from what it drew, keeps what it learned, and says which state decided."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import orjson
import pytest

from edge.app.wiring import Appliance
from edge.catalog.experiments import Experiments
from edge.catalog.order import Line
from edge.catalog.site import Site
from edge.core.clock import SettableClock
from edge.core.errors import ContractError
from edge.decide.engagement import Engagement, EngagementKind
from edge.decide.values import Asked, Basis, Recognised, Slate
from edge.experiment.ridge import Ridge
from edge.identity.consent import Purpose
from edge.web.ports import OrderDraft
from tests.fakes.appliance import LUNCH_AT, appliance, site

NO_SLICE = Experiments.model_validate({"learning": {"analysis_slice": 0.0}})


def shop(plan: Experiments = NO_SLICE) -> Site:
    return site().model_copy(update={"experiments": plan})


def slate(built: Appliance, visit: str) -> Slate:
    placement = next(one for one in shop().placements if one.explore_slot is not None)
    return built.services.serve(Asked(placement.id, "kiosk-1", visit))


def happens(
    built: Appliance, decision: str, kind: EngagementKind, slot: int | None, at: SettableClock
) -> None:
    one = Engagement(str(uuid4()), kind, decision, slot, "kiosk-1", None, at())
    built.services.engage([one]).result(5)


def visits(built: Appliance, clock: SettableClock, count: int, *, takes: bool) -> None:
    """Let so many visits see what was drawn, and let their time be over."""
    for number in range(count):
        visit = str(uuid4())
        found = slate(built, visit)
        wild = next(one for one in found.shown if one.is_explored)
        happens(built, found.decision_id, "exposure", None, clock)
        if takes and number % 2:
            happens(built, found.decision_id, "add", wild.slot, clock)
    clock.advance(timedelta(minutes=61))
    tick(built)


def tick(built: Appliance) -> None:
    next(job for job in built.supervisor.jobs if job.name == "learner").run()


def test_draws_that_were_seen_teach_once_their_time_is_over(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        visits(built, clock, 6, takes=True)
        figures = built.services.health().figures
        kept = built.store.learner.all()

    assert figures["learner_lessons"] == 6
    assert figures["learner_open"] == 0
    assert [one.lessons for one in kept] == [6]


def test_what_a_recognised_customer_was_shown_teaches_nothing(tmp_path: Path) -> None:
    somebody = Recognised(basis=(Basis("record", Purpose.TASTES),))
    with appliance(tmp_path, shop=shop()) as built:
        for number in range(5):
            asked = Asked("kiosk-strip", "kiosk-1", f"visit-{number}", recognised=somebody)
            found = built.services.serve(asked)
            assert any(one.is_explored for one in found.shown)
        figures = built.services.health().figures

    assert figures["learner_open"] == 0


def test_after_a_restart_the_same_state_decides_and_stands_in_the_record(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        visits(built, clock, 4, takes=False)
        (kept,) = built.store.learner.all()
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        found = slate(built, str(uuid4()))
        recorded = built.store.reads.decision(found.decision_id)

    assert recorded is not None
    assert orjson.loads(recorded.body)["learner"] == kept.version


def test_states_that_were_changed_by_hand_are_not_used(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        visits(built, clock, 2, takes=False)
        built.store.writer.submit(
            lambda con: con.execute("UPDATE learner_snapshot SET lessons = 99")
        ).result(5)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        assert built.services.health().figures["learner_lessons"] == 0
        built.store.writer.submit(lambda _con: None).result(5)
        assert built.store.learner.all() == []


def test_a_shop_that_switches_learning_off_uses_nothing_that_was_learned(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    off = Experiments.model_validate({"learning": {"on": False}})
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        visits(built, clock, 2, takes=False)
    with appliance(tmp_path, clock=clock, shop=shop(off)) as built:
        found = slate(built, str(uuid4()))
        recorded = built.store.reads.decision(found.decision_id)
        open_draws = built.services.health().figures["learner_open"]

    assert recorded is not None
    assert orjson.loads(recorded.body)["learner"] is None
    assert open_draws == 0


def test_an_order_of_what_was_drawn_in_its_visit_teaches_more_than_a_glance(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        visit = str(uuid4())
        found = slate(built, visit)
        wild = next(one for one in found.shown if one.is_explored)
        happens(built, found.decision_id, "add", wild.slot, clock)
        draft = OrderDraft(str(uuid4()), (Line(wild.sku, {}),), "eat_in", "kiosk-1", visit)
        built.services.take_order(draft)
        clock.advance(timedelta(minutes=61))
        tick(built)
        (kept,) = built.store.learner.all()

    # The first feature is constant: its sum is what the reward, 1, exceeded the prediction by.
    assert Ridge.from_bytes(kept.state).b[0] > 0.4


def test_a_shop_can_go_back_to_a_kept_state(tmp_path: Path) -> None:
    clock = SettableClock(LUNCH_AT)
    with appliance(tmp_path, clock=clock, shop=shop()) as built:
        visits(built, clock, 2, takes=False)
        visits(built, clock, 2, takes=True)
        built.trying.learning.revert(1)
        first, second, third = built.store.learner.all()
        with pytest.raises(ContractError, match="wanted a kept state"):
            built.trying.learning.revert(77)

    assert third.state == first.state != second.state
