"""When nothing is under way: what begins, and what goes back to what served before."""

from dataclasses import replace

from edge.update.machine import advance, begin
from edge.update.machine_ends import committed
from edge.update.machine_kept import kept
from edge.update.machine_words import Seen, What
from edge.wire.releases import Phase
from tests.fakes.machine_steps import (
    GOOD,
    NOON,
    SITE,
    WELL,
    candidate,
    document,
    in_trial,
    pinned,
    served,
    until,
    with_two_committed,
)


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


def test_an_abort_after_the_commit_brings_back_what_served_before() -> None:
    state, now = with_two_committed()
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


def test_what_served_before_and_was_refused_since_does_not_serve_again() -> None:
    state, now = with_two_committed()
    aborted = Seen(SITE, document(3, stable="1.1.0"), refused={"a" * 64: "golden"})

    state, do = advance(state, aborted, now)

    assert (do.what, state.phase) == (What.LOOK_UP, Phase.OFFERED)
    assert state.serving.version == "1.2.0"


def test_an_older_document_than_the_newest_that_was_seen_changes_nothing() -> None:
    state, now = with_two_committed()
    assert state.document_version == 2

    after, do = advance(state, Seen(SITE, document(1, stable="1.1.0")), now)

    assert (after, do.what) == (state, What.WAIT)
