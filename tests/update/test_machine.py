"""The state machine for releases, driven without a disk, a network or a model."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.update.machine import advance, begin, started
from edge.update.machine_ends import newly_refused
from edge.update.machine_kept import kept
from edge.update.machine_patience import LONGEST_WAIT
from edge.update.machine_state import read_state, state_bytes, to_load
from edge.update.machine_words import Done, Seen, Shadowed, Trouble, What
from edge.update.quarantine import PAUSE
from edge.wire.releases import Phase
from tests.fakes.machine_steps import (
    GOOD,
    MINUTE,
    NOON,
    SITE,
    WELL,
    candidate,
    document,
    found,
    in_trial,
    served,
    until,
)


def test_a_good_release_is_offered_fetched_checked_tried_and_committed() -> None:
    state, seen = in_trial()
    load = to_load(state)
    assert load.is_trial
    assert load.package
    assert load.package.model == "sha256:model"

    state, _ = served(state, seen, 5, WELL)

    assert state.phase is Phase.COMMITTED
    assert state.serving.version == "1.1.0"
    assert to_load(state).package == state.committed
    assert state.past[-1].model == "sha256:model"
    assert kept(state) == {"a" * 64}


def test_what_is_kept_on_disk_reads_back_as_it_was() -> None:
    state, _ = in_trial()
    assert read_state(state_bytes(state)) == state


@pytest.mark.parametrize(
    ("asked", "reason"),
    [(What.PREFLIGHT, "golden"), (What.UNPACK, "static"), (What.SERVE, "load")],
)
def test_a_package_that_fails_a_check_is_never_tried_again_under_the_same_bytes(
    asked: What, reason: str
) -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0")))
    state = until(begin("ranker", NOON), seen, {**GOOD, asked: Trouble(reason)})
    if asked is What.SERVE:
        assert state.phase is Phase.TRIAL or state.phase.is_bad_end
    state = until(state, replace(seen, result=Trouble(reason)), GOOD)

    assert state.phase.is_bad_end
    assert state.reason == reason
    assert newly_refused(state) == ("a" * 64, reason)
    assert to_load(state).package is None

    again = Seen(SITE, document(2, trying=candidate("1.1.0")))
    assert until(state, again, GOOD, NOON + 30 * PAUSE).phase is state.phase
    other_name = candidate("1.1.0", release_id="another")
    under_another = Seen(SITE, document(3, trying=other_name), refused={"a" * 64: reason})
    refused = until(state, under_another, GOOD, NOON + PAUSE)
    assert (refused.phase, refused.reason) == (Phase.FAILED, reason)


def test_a_network_that_is_away_is_waited_for_until_the_release_is_overdue() -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0", finish_within_hours=1)))
    away = {**GOOD, What.FETCH: Trouble("network", "no route", is_passing=True)}
    state = until(begin("ranker", NOON), seen, away)
    assert (state.phase, state.reason) == (Phase.DOWNLOADING, "network")

    assert until(state, seen, GOOD, NOON + 30 * MINUTE).phase is Phase.TRIAL
    late = until(state, seen, GOOD, NOON + 60 * MINUTE)
    assert (late.phase, late.reason) == (Phase.FAILED, "network")
    assert newly_refused(late) is None
    assert until(late, seen, GOOD, NOON + 61 * MINUTE).phase is Phase.FAILED
    assert until(late, seen, GOOD, NOON + 61 * MINUTE + PAUSE).phase is Phase.TRIAL


def test_a_version_below_the_recorded_minimum_is_never_taken() -> None:
    state, seen = in_trial()
    results = {**GOOD, What.LOOK_UP: found("1.1.0", minimum_version="1.1.0")}
    state = until(begin("ranker", NOON), seen, results)
    assert state.minimum_version == "0.0.0"  # raised at the commit only
    state, now = served(state, seen, 5, WELL)
    assert state.minimum_version == "1.1.0"

    old = {**GOOD, What.LOOK_UP: found("1.0.0", "b")}
    state = until(state, Seen(SITE, document(2, stable="1.0.0")), old, now)

    assert (state.phase, state.reason) == (Phase.FAILED, "trust")
    assert state.serving.version == "1.1.0"


def test_a_preflight_or_a_shadow_that_kills_the_service_ends_the_course() -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0", shadow_requests=100)))
    state = until(begin("ranker", NOON), seen, {**GOOD, What.SHADOW: Done()})
    state, do = advance(state, seen, NOON)
    assert (state.phase, do.what) == (Phase.SHADOW, What.SHADOW)
    for _ in range(3):
        state = started(state, NOON)
    assert (state.phase, state.reason) == (Phase.FAILED, "crash")


def test_a_shadow_that_breaks_never_serves_and_a_good_one_goes_on() -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0", shadow_requests=100)))
    state = until(begin("ranker", NOON), seen, GOOD)
    seen = replace(seen, result=None)
    broken, _ = advance(state, replace(seen, shadow=Shadowed(3, broke="no number")), NOON)
    assert (broken.phase, broken.reason) == (Phase.FAILED, "error_rate")
    early, _ = advance(state, replace(seen, shadow=Shadowed(99)), NOON)
    assert early.phase is Phase.SHADOW
    ready, _ = advance(state, replace(seen, shadow=Shadowed(100, overlap=0.8)), NOON)
    assert ready.phase is Phase.TRIAL
    assert ready.figures["shadow_overlap"] == 0.8
    quiet, _ = advance(state, replace(seen, shadow=Shadowed(2)), NOON + timedelta(hours=25))
    assert quiet.phase is Phase.TRIAL


def test_a_swap_waits_for_shoppers_and_not_for_ever() -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0")), is_busy=True)
    state = until(begin("ranker", NOON), seen, GOOD)
    assert state.phase is Phase.PREFLIGHT
    waits = replace(seen, result=None)
    assert until(state, waits, {}, NOON + LONGEST_WAIT - MINUTE).phase is Phase.PREFLIGHT
    assert until(state, waits, GOOD, NOON + LONGEST_WAIT).phase is Phase.TRIAL
    assert until(state, replace(waits, is_busy=False), GOOD).phase is Phase.TRIAL


def test_nothing_is_fetched_or_swapped_outside_the_shops_window() -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0")), is_in_window=False)
    state = until(begin("ranker", NOON), seen, GOOD)
    assert state.phase is Phase.DOWNLOADING
    state = until(state, replace(seen, is_in_window=True), {**GOOD, What.PREFLIGHT: Trouble("x")})
    assert state.phase is Phase.FAILED


def test_a_package_that_needs_a_newer_appliance_is_not_even_fetched() -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0")))
    for more in ({"abi": 2}, {"min_agent": "9.0.0"}):
        needing = {**GOOD, What.LOOK_UP: found("1.1.0", **more)}
        state = until(begin("ranker", NOON), seen, needing)
        assert (state.phase, state.reason) == (Phase.FAILED, "abi")
    other = {**GOOD, What.LOOK_UP: found("1.0.9")}
    state = until(begin("ranker", NOON), seen, other)
    assert (state.phase, state.reason) == (Phase.FAILED, "trust")
