"""A release on trial: what ends it, what counts as a try, and what does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.update.machine import advance, started, stopped
from edge.update.machine_ends import newly_refused
from edge.update.machine_state import State, to_load
from edge.update.machine_words import Done, Seen, What
from edge.update.trial import Arm, Arms, Health
from edge.wire.releases import Phase
from tests.fakes.machine_steps import (
    GOOD,
    MINUTE,
    NOON,
    SITE,
    WELL,
    candidate,
    document,
    in_trial,
    served,
    until,
)


@pytest.mark.parametrize(
    "health",
    [
        Health(answers=1, broke="wanted finite scores"),
        Health(answers=1, hangs_s=6.0),
        Health(answers=1, silent_s=601.0),
        Health(answers=300, samples=300, p99_us=40_000.0, before_samples=300, before_p99_us=100.0),
        Health(
            answers=900,
            arms=Arms(old=Arm(visits=2_000, takes=800), new=Arm(visits=2_000, takes=400)),
        ),
    ],
    ids=["error_rate", "watchdog", "heartbeat", "latency", "business"],
)
def test_a_fault_in_the_trial_brings_the_model_before_back(
    health: Health, request: pytest.FixtureRequest
) -> None:
    state, seen = in_trial()
    state, now = served(state, seen, 2, WELL)
    seen = replace(seen, trial=health)

    state, do = advance(state, seen, now)
    assert (state.phase, do.what) == (Phase.ROLLING_BACK, What.SERVE)
    assert to_load(state).package is None
    assert newly_refused(state)
    state, _ = advance(state, replace(seen, result=Done()), now)

    assert state.phase is Phase.ROLLED_BACK
    assert state.reason == request.node.callspec.id


def test_a_third_start_without_a_good_run_rolls_back_before_anything_is_loaded() -> None:
    state, _ = in_trial()
    for expected in (Phase.TRIAL, Phase.TRIAL, Phase.ROLLING_BACK):
        state = started(state, NOON)
        assert state.phase is expected
    assert to_load(state).package is None
    assert newly_refused(state) == ("a" * 64, "crash")


def test_stops_that_were_asked_for_do_not_count_as_tries() -> None:
    state, _ = in_trial()
    for _ in range(20):
        state = started(stopped(state), NOON)
    assert state.phase is Phase.TRIAL


def test_a_stop_that_was_asked_for_takes_no_try_from_what_comes_after() -> None:
    def starts_until_the_end(state: State) -> int:
        count = 0
        while state.phase is Phase.TRIAL:
            state, count = started(state, NOON), count + 1
        return count

    fresh, _ = in_trial()
    assert starts_until_the_end(started(stopped(fresh), NOON)) == starts_until_the_end(fresh)


def test_a_good_run_in_between_gives_new_tries_and_not_without_end() -> None:
    state, seen = in_trial(trial_minutes=2_000)
    ends = []
    now = NOON
    for _ in range(7):
        state = started(state, now)
        if state.phase is not Phase.TRIAL:
            break
        for _ in range(12):
            now += MINUTE
            state, _ = advance(state, replace(seen, trial=WELL), now)
        ends.append(state.trial.starts)
    assert ends == [0] * 5
    assert (state.phase, state.reason) == (Phase.ROLLING_BACK, "crash")


def test_a_clock_that_jumps_ahead_does_not_end_a_trial() -> None:
    state, seen = in_trial()
    state, _ = advance(state, replace(seen, trial=WELL), NOON + timedelta(days=900))
    assert state.phase is Phase.TRIAL


def test_an_abort_ends_a_trial_and_says_nothing_bad_about_the_bytes() -> None:
    state, _ = in_trial()
    aborted = Seen(SITE, document(2))
    state, do = advance(state, aborted, NOON)
    assert (state.phase, state.reason) == (Phase.ROLLING_BACK, "superseded")
    assert newly_refused(state) is None
    state, _ = advance(state, replace(aborted, result=Done()), NOON)
    assert state.phase is Phase.ROLLED_BACK
    assert do.what is What.SERVE
    wanted_again = Seen(SITE, document(3, trying=candidate("1.1.0")))
    assert until(state, wanted_again, GOOD).phase is Phase.TRIAL


def test_a_model_that_never_answered_in_all_its_trial_is_not_kept() -> None:
    state, seen = in_trial()
    state, _ = served(state, seen, 5, Health())

    assert (state.phase, state.reason) == (Phase.ROLLING_BACK, "heartbeat")
