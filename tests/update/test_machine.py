"""The state machine for releases, driven without a disk, a network or a model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge.update.machine import advance, begin, started, stopped
from edge.update.machine_ends import committed, newly_refused
from edge.update.machine_kept import kept
from edge.update.machine_patience import LONGEST_WAIT
from edge.update.machine_state import Held, State, read_state, state_bytes, to_load
from edge.update.machine_words import Done, Found, Result, Seen, Shadowed, Trouble, What
from edge.update.quarantine import PAUSE
from edge.update.trial import Arm, Arms, Health
from edge.wire.releases import PackageFacts, Phase, target_path
from edge.wire.rollout import Candidate, Release, RolloutDocument

NOON = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = "harbour-kitchen"


def facts(version: str, **more: object) -> PackageFacts:
    return PackageFacts.model_validate(
        {
            "kind": "model",
            "name": "ranker",
            "version": version,
            "abi": 1,
            "min_agent": "0.1.0",
            "size_unpacked": 1000,
            **more,
        }
    )


def found(version: str, digest: str = "a", **more: object) -> Found:
    return Found(facts(version, **more), 900, digest * 64)


def release(version: str) -> Release:
    path = target_path("model", "ranker", version)
    return Release(release_id=f"r-{version}", target=path, version=version)


def candidate(version: str, **more: object) -> Candidate:
    given = release(version).model_dump()
    return Candidate.model_validate(
        {"salt": "s", "share": 1.0, "trial_minutes": 5, **given, **more}
    )


def document(
    version: int = 1,
    *,
    stable: str | None = None,
    trying: Candidate | None = None,
    halted: bool = False,
) -> RolloutDocument:
    return RolloutDocument(
        name="ranker",
        version=version,
        issued_at=NOON,
        stable=release(stable) if stable else None,
        candidate=trying,
        halted=halted,
    )


def until(state: State, seen: Seen, results: dict[What, Result], now: datetime = NOON) -> State:
    """Go on until the machine waits, answering what it asks for."""
    for _ in range(30):
        after, do = advance(state, seen, now)
        if do.what is What.WAIT or (after == state and do.what in {What.SERVE, What.SHADOW}):
            return after
        seen = replace(seen, result=results.get(do.what))
        state = after
    msg = f"no end, in {state.phase}"
    raise AssertionError(msg)


def pinned(state: State, least: str) -> Held:
    """The package that serves, with a minimum."""
    assert state.committed
    signed = state.committed.facts.model_copy(update={"minimum_version": least})
    return state.committed.model_copy(update={"facts": signed})


GOOD: dict[What, Result] = {
    What.LOOK_UP: found("1.1.0"),
    What.FETCH: Done(),
    What.UNPACK: Done(model="sha256:model"),
    What.PREFLIGHT: Done(figures={"p95_us": 90.0}),
    What.SERVE: Done(),
}


def in_trial(**more: object) -> tuple[State, Seen]:
    seen = Seen(SITE, document(trying=candidate("1.1.0", **more)))
    state = until(begin("ranker", NOON), seen, GOOD)
    assert state.phase is Phase.TRIAL
    return state, seen


def served(state: State, seen: Seen, minutes: int, health: Health) -> tuple[State, datetime]:
    """Watch a trial for so many minutes, a look each."""
    now = NOON
    for _ in range(minutes):
        now += MINUTE
        state, _ = advance(state, replace(seen, trial=health), now)
    return state, now


WELL = Health(answers=50)


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


def test_a_paused_candidate_is_not_begun_and_one_that_has_begun_goes_on() -> None:
    paused = Seen(SITE, document(2, trying=candidate("1.1.0", paused=True)))
    assert until(begin("ranker", NOON), paused, GOOD).phase is Phase.IDLE
    state, _ = in_trial()
    state, _ = served(state, paused, 5, WELL)
    assert state.phase is Phase.COMMITTED


def test_while_all_is_halted_nobody_begins_anything() -> None:
    halted = Seen(SITE, document(2, trying=candidate("1.1.0"), halted=True))
    assert until(begin("ranker", NOON), halted, GOOD).phase is Phase.IDLE
    seen = Seen(SITE, document(trying=candidate("1.1.0")), is_in_window=False)
    state = until(begin("ranker", NOON), seen, GOOD)
    assert until(state, halted, GOOD).phase is Phase.DOWNLOADING


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


def test_an_abort_after_the_commit_brings_back_what_served_before() -> None:
    state, seen = in_trial()
    state, now = served(state, seen, 5, WELL)
    newer = {**GOOD, What.LOOK_UP: found("1.2.0", "b")}
    trying = Seen(SITE, document(2, stable="1.1.0", trying=candidate("1.2.0")))
    state = until(state, trying, newer, now)
    for _ in range(5):
        now += MINUTE
        state, _ = advance(state, replace(trying, trial=WELL), now)
    assert state.serving.version == "1.2.0"
    assert kept(state) == {"a" * 64, "b" * 64}
    raised = committed(state, pinned(state, "9.0.0"), now)
    assert raised.previous is None  # what is below the minimum never serves again

    aborted = Seen(SITE, document(3, stable="1.1.0"))
    assert "a" * 64 in kept(state)
    state, do = advance(state, replace(aborted, is_busy=True), now)
    assert (do.what, state.serving.version) == (What.WAIT, "1.2.0")
    state, do = advance(state, aborted, now)
    assert (do.what, state.serving.version) == (What.SERVE, "1.1.0")
    assert kept(state) == {"a" * 64}

    factory = Seen(SITE, document(4))
    state, do = advance(state, factory, now)
    assert (do.what, state.serving.digest) == (What.SERVE, "factory")
    assert state.document_version == 4


def test_a_package_that_needs_a_newer_appliance_is_not_even_fetched() -> None:
    seen = Seen(SITE, document(trying=candidate("1.1.0")))
    for more in ({"abi": 2}, {"min_agent": "9.0.0"}):
        needing = {**GOOD, What.LOOK_UP: found("1.1.0", **more)}
        state = until(begin("ranker", NOON), seen, needing)
        assert (state.phase, state.reason) == (Phase.FAILED, "abi")
    other = {**GOOD, What.LOOK_UP: found("1.0.9")}
    state = until(begin("ranker", NOON), seen, other)
    assert (state.phase, state.reason) == (Phase.FAILED, "trust")


def test_a_clock_that_jumps_ahead_does_not_end_a_trial() -> None:
    state, seen = in_trial()
    state, _ = advance(state, replace(seen, trial=WELL), NOON + timedelta(days=900))
    assert state.phase is Phase.TRIAL
