"""The rollout's state machine, alone and under everything hypothesis can think of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.central.fleet.rollout.acts import (
    abort,
    approve,
    created,
    pause,
    resume,
    set_halted,
    start,
)
from edge.central.fleet.rollout.gate import Counts, Tally, failure
from edge.central.fleet.rollout.machine import step
from edge.central.fleet.rollout.plan import Gate, OnFailure, Plan
from edge.central.fleet.rollout.state import CANARY_WAVE, Line, Stage, State, Stepped
from edge.core.errors import RequestContractError
from edge.wire.rollout import Release, RolloutDocument, takes_candidate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLD = Release(release_id="ranker-1.0.0", target="models/ranker/1.0.0/r.tar", version="1.0.0")
NEW = Release(release_id="ranker-1.1.0", target="models/ranker/1.1.0/r.tar", version="1.1.0")
PLAN = Plan(
    name="ranker", release=NEW, salt="s", canary=frozenset({"shop-1"}), bake_minutes=60,
    wave_minutes=30,
)  # fmt: skip
LINE = Line(name="ranker", version=4, stable=OLD)


def good(wave: int, members: int = 40) -> Counts:
    tally = Tally(members=members, finished=members)
    return Counts(wave, tally, tally)


def bad(wave: int, members: int = 40) -> Counts:
    tally = Tally(members=members, rolled_back=members // 2, waiting=members // 2)
    return Counts(wave, tally, tally)


def started(plan: Plan = PLAN) -> State:
    state = created(plan, LINE, "ada", NOW).state
    state = approve(state, "ada", plan.digest, NOW).state
    state = approve(state, "grace", plan.digest, NOW).state
    return start(state, (), NOW).state


def test_a_good_release_passes_every_stage_and_becomes_what_everybody_runs() -> None:
    state, now, stages, documents = started(), NOW, [], []
    while state.rollout.stage is not Stage.COMPLETE:
        now += timedelta(minutes=61)
        stepped = step(state, good(state.rollout.wave), now)
        state = stepped.state
        stages.append((state.rollout.stage, state.rollout.share))
        documents += [stepped.document] if stepped.document else []
    assert stages == [
        (Stage.BAKE, 0.0),
        (Stage.WAVE, 0.01),
        (Stage.WAVE, 0.05),
        (Stage.WAVE, 0.25),
        (Stage.WAVE, 1.0),
        (Stage.COMPLETE, 1.0),
    ]
    assert [one.version for one in documents] == [6, 7, 8, 9, 10]
    assert documents[-1].stable == NEW
    assert documents[-1].candidate is None


def test_nothing_starts_on_the_word_of_one_person_given_twice() -> None:
    state = approve(created(PLAN, LINE, "ada", NOW).state, "ada", PLAN.digest, NOW).state
    with pytest.raises(RequestContractError, match="second person"):
        approve(state, "ada", PLAN.digest, NOW)
    with pytest.raises(RequestContractError, match="wanted a rollout that is approved"):
        start(state, (), NOW)


def test_approval_of_another_plan_is_none() -> None:
    with pytest.raises(RequestContractError, match="got one of"):
        approve(created(PLAN, LINE, "ada", NOW).state, "grace", "0" * 64, NOW)


def test_one_package_name_has_one_rollout_on_its_way() -> None:
    state = created(PLAN, LINE, "ada", NOW).state
    for who in ("ada", "grace"):
        state = approve(state, who, PLAN.digest, NOW).state
    with pytest.raises(RequestContractError, match="at a time"):
        start(state, ("ranker-1.0.9",), NOW)


def test_a_failed_gate_takes_everybody_back_with_a_higher_document() -> None:
    stepped = step(started(), bad(CANARY_WAVE), NOW)
    assert stepped.state.rollout.stage is Stage.ABORTING
    assert stepped.document is not None
    assert (stepped.document.version, stepped.document.stable) == (6, OLD)
    assert stepped.document.candidate is None


def test_a_failed_gate_only_pauses_where_the_plan_says_so() -> None:
    plan = PLAN.model_copy(update={"gate": Gate(on_failure=OnFailure.PAUSE)})
    stepped = step(started(plan), bad(CANARY_WAVE), NOW)
    assert stepped.state.rollout.stage is Stage.PAUSED
    assert stepped.document is not None
    assert stepped.document.candidate is not None
    assert stepped.document.candidate.paused
    again = step(resume(stepped.state, NOW).state, bad(CANARY_WAVE), NOW)
    assert again.state.rollout.stage is Stage.PAUSED


def test_a_wave_does_not_pass_on_the_counts_of_the_one_before() -> None:
    state = step(started(), good(CANARY_WAVE), NOW).state
    later = NOW + timedelta(days=1)
    state = step(state, good(CANARY_WAVE), later).state
    assert state.rollout.wave == 0
    assert step(state, good(CANARY_WAVE), later + timedelta(days=9)).document is None


def test_a_wave_lasts_at_least_its_time_and_a_pause_does_not_count() -> None:
    state = step(started(), good(CANARY_WAVE), NOW).state
    state = pause(state, "lunch", NOW).state
    later = NOW + timedelta(days=1)
    assert step(state, good(CANARY_WAVE), later).state.rollout.stage is Stage.PAUSED
    state = resume(state, later).state
    assert step(state, good(CANARY_WAVE), later + timedelta(minutes=59)).document is None
    assert step(state, good(CANARY_WAVE), later + timedelta(minutes=60)).document is not None


def test_an_abort_is_over_when_those_who_are_online_have_returned() -> None:
    state = step(started(), bad(CANARY_WAVE), NOW).state
    wave = replace(bad(CANARY_WAVE), to_return=3)
    assert step(state, wave, NOW + timedelta(hours=1)).state.rollout.stage is Stage.ABORTING
    assert step(state, wave, NOW + timedelta(hours=72)).state.rollout.stage is Stage.ABORTED
    assert step(state, replace(wave, to_return=0), NOW).state.rollout.stage is Stage.ABORTED


def test_a_halt_stops_what_is_on_its_way_and_says_so_in_the_document() -> None:
    state = started()
    line, rollout, document = set_halted(state.line, state.rollout, NOW, halted=True)
    assert rollout is not None
    assert document is not None
    assert document.halted
    assert document.candidate is not None
    halted = State(line, rollout)
    assert step(halted, good(CANARY_WAVE), NOW + timedelta(days=9)) == Stepped(halted)
    assert step(halted, bad(CANARY_WAVE), NOW).state.rollout.stage is Stage.ABORTING
    assert set_halted(line, rollout, NOW, halted=True)[2] is None


def test_a_draft_that_is_aborted_never_reaches_a_device() -> None:
    stepped = abort(created(PLAN, LINE, "ada", NOW).state, "second thoughts", NOW)
    assert (stepped.state.rollout.stage, stepped.document) == (Stage.ABORTED, None)
    with pytest.raises(RequestContractError):
        abort(stepped.state, "again", NOW)


_numbers = st.integers(0, 60)
_tallies = st.builds(
    lambda *parts: Tally(sum(parts), *parts),
    *[_numbers, st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), _numbers],
    *[_numbers, _numbers],
)


@settings(max_examples=200, deadline=None)
@given(_tallies, _tallies, st.integers(0, 10_000))
def test_a_step_repeated_with_the_same_counts_changes_nothing(
    in_wave: Tally, in_all: Tally, minutes: int
) -> None:
    now = NOW + timedelta(minutes=minutes)
    counts = Counts(0, in_wave, in_all)
    state = started()
    state = State(state.line, state.rollout.model_copy(update={"stage": Stage.WAVE, "wave": 0}))
    once = step(state, counts, now)
    twice = step(once.state, counts, now)
    if once.state.rollout.stage is Stage.ABORTING:
        assert twice.state.rollout.stage is Stage.ABORTED  # nobody is left to return
    else:
        assert twice == Stepped(once.state)


class AnyRollout(RuleBasedStateMachine):
    """Persons and counts in any order; what must never happen, never does."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.state = created(PLAN, LINE, "ada", NOW).state
        self.documents: list[RolloutDocument] = []
        self.approvers: set[str] = set()
        self.has_aborted = False

    def take(self, stepped: Stepped) -> None:
        before, self.state = self.state.rollout, stepped.state
        if stepped.document is not None:
            self.documents.append(stepped.document)
        after = self.state.rollout
        if after.stage.is_out:
            assert after.wave - before.wave in {0, 1}
            assert not self.has_aborted
        self.has_aborted |= after.stage in {Stage.ABORTING, Stage.ABORTED}

    @rule(who=st.sampled_from(("ada", "grace", "joan")))
    def somebody_approves(self, who: str) -> None:
        try:
            self.take(approve(self.state, who, PLAN.digest, self.now))
        except RequestContractError:
            return
        self.approvers.add(who)

    @rule(what=st.sampled_from(("start", "pause", "resume", "abort")))
    def somebody_acts(self, what: str) -> None:
        try:
            match what:
                case "start":
                    self.take(start(self.state, (), self.now))
                case "pause":
                    self.take(pause(self.state, "why", self.now))
                case "resume":
                    self.take(resume(self.state, self.now))
                case _:
                    self.take(abort(self.state, "why", self.now))
        except RequestContractError:
            return

    @rule(halted=st.booleans())
    def somebody_halts(self, *, halted: bool) -> None:
        line, rollout, document = set_halted(
            self.state.line, self.state.rollout, self.now, halted=halted
        )
        assert rollout is not None
        self.take(Stepped(State(line, rollout), document))

    @rule(in_wave=_tallies, in_all=_tallies, late=st.booleans(), minutes=st.integers(0, 4_000))
    def it_steps(self, in_wave: Tally, in_all: Tally, *, late: bool, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        before = self.state
        counts = Counts(before.rollout.wave - (1 if late else 0), in_wave, in_all)
        self.take(step(before, counts, self.now))
        went_on = self.state.rollout.wave > before.rollout.wave
        if failure(PLAN.gate, counts) is not None or before.line.halted or late:
            assert not went_on
        if self.state.rollout.stage is Stage.COMPLETE and before.rollout.stage is Stage.WAVE:
            assert before.rollout.share == 1.0

    @invariant()
    def documents_only_grow(self) -> None:
        versions = [one.version for one in self.documents]
        assert versions == list(range(LINE.version + 1, LINE.version + 1 + len(versions)))

    @invariant()
    def nobody_is_offered_more_than_the_stage_allows(self) -> None:
        if not self.documents:
            return
        candidate, rollout = self.documents[-1].candidate, self.state.rollout
        if candidate is None:
            assert not rollout.stage.is_out
            return
        assert len(self.approvers) >= 2
        assert candidate.share == rollout.share
        assert candidate.paused is (rollout.stage is Stage.PAUSED)
        assert takes_candidate(candidate, "shop-1")


TestAnyRollout = AnyRollout.TestCase
TestAnyRollout.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
