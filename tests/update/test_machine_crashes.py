"""A committed model that ends the process: counted by what was being asked, given up after three."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.update.machine import advance
from edge.update.machine_crashes import WITHIN, crashed, is_to_blame
from edge.update.machine_ends import newly_refused
from edge.update.machine_kept import kept
from edge.update.machine_state import Course, Held, State, read_state, state_bytes, to_load
from edge.update.machine_words import Seen, What
from edge.wire.releases import PackageFacts, Phase, target_path
from edge.wire.rollout import Release, RolloutDocument

NOON = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


def held(version: str, digest: str) -> Held:
    facts = PackageFacts(
        kind="model", name="ranker", version=version, abi=1, min_agent="0.1.0", size_unpacked=1
    )
    target = target_path("model", "ranker", version)
    return Held(release_id=f"r-{version}", target=target, facts=facts, digest=digest * 64, length=9)


OLD, NEW, NEWER = held("1.0.0", "a"), held("1.1.0", "b"), held("1.2.0", "c")
SERVING = State(name="ranker", phase=Phase.COMMITTED, since_at=NOON, committed=NEW, previous=OLD)


def after(state: State, *hours: float) -> State:
    for hour in hours:
        state = read_state(state_bytes(crashed(state, NOON + timedelta(hours=hour))))
    return state


def trying() -> State:
    course = Course(
        release_id="r-1.2.0",
        target=NEWER.target,
        version="1.2.0",
        finish_by_at=NOON,
        package=NEWER,
        is_admitted=True,
    )
    return SERVING.model_copy(update={"phase": Phase.TRIAL, "course": course})


def test_three_crashes_within_a_day_bring_the_model_before_back_and_quarantine_the_other() -> None:
    assert to_load(after(SERVING, 0, 1)).package == NEW
    state = after(SERVING, 0, 1, 2)
    assert to_load(state).package == OLD
    assert (state.phase, state.reason) == (Phase.ROLLED_BACK, "crash")
    assert "3 times" in state.detail
    assert newly_refused(state) == (NEW.digest, "crash")
    assert kept(state) == {OLD.digest}
    assert state.seq > SERVING.seq


def test_without_a_model_before_the_factorys_serves() -> None:
    alone = SERVING.model_copy(update={"previous": None})
    assert to_load(after(alone, 0, 1, 2)).package is None


def test_crashes_that_are_far_apart_or_before_the_clock_was_set_back_are_accidents() -> None:
    day = WITHIN.total_seconds() / 3600
    assert after(SERVING, 0, day, 2 * day, 3 * day).committed == NEW
    assert after(SERVING, 50, 51, 0, 1).committed == NEW
    assert after(SERVING, 50, 51, 0, 1, 2).committed == OLD


def test_crashes_of_a_model_before_are_not_counted_against_the_next() -> None:
    state = after(SERVING, 0, 1).model_copy(update={"committed": NEWER, "previous": NEW})
    assert after(state, 2, 3).committed == NEWER


def test_the_factorys_model_is_never_given_up() -> None:
    factory = SERVING.model_copy(update={"committed": None, "previous": None})
    assert not is_to_blame(factory, {NEW.digest})
    assert after(factory, 0, 1, 2) == factory


@pytest.mark.parametrize(
    ("state", "asked", "is_blamed"),
    [
        (SERVING, "", False),  # a power cut, a kill, somebody else's fault
        (SERVING, "b", True),
        (SERVING, "a", False),
        (trying(), "b", True),
        (trying(), "c", False),
        (trying(), "bc", False),  # the younger is suspected, and alone
        (trying().model_copy(update={"phase": Phase.DOWNLOADING}), "bc", True),
    ],
)
def test_only_a_model_that_was_being_asked_is_blamed(
    state: State, asked: str, *, is_blamed: bool
) -> None:
    assert is_to_blame(state, {mark * 64 for mark in asked}) is is_blamed


def test_what_was_given_up_is_not_tried_again_under_the_same_name() -> None:
    state = after(SERVING, 0, 1, 2)
    release = Release(release_id=NEW.release_id, target=NEW.target, version="1.1.0")
    document = RolloutDocument(name="ranker", version=7, issued_at=NOON, stable=release)
    seen = Seen("harbour-kitchen", document, refused={NEW.digest: "crash"})
    after_it, do = advance(state, seen, NOON + timedelta(hours=3))
    assert do.what is What.WAIT
    assert after_it.committed == OLD
