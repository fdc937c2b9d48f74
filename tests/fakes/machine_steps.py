"""The state machine for releases, taken a few steps on without a disk, a network or a model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edge.update.machine import advance, begin
from edge.update.machine_state import Held, State
from edge.update.machine_words import Done, Found, Result, Seen, What
from edge.update.trial import Health
from edge.wire.releases import PackageFacts, Phase, target_path
from edge.wire.rollout import Candidate, Release, RolloutDocument

NOON = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = "harbour-kitchen"


def facts(version: str, **more: object) -> PackageFacts:
    """Return what is signed about a model."""
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
    """Return what looking a model up finds."""
    return Found(facts(version, **more), 900, digest * 64)


def release(version: str) -> Release:
    """Return a release of a model."""
    path = target_path("model", "ranker", version)
    return Release(release_id=f"r-{version}", target=path, version=version)


def candidate(version: str, **more: object) -> Candidate:
    """Return a candidate for every site, on trial for five minutes."""
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
    """Return a rollout document."""
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
    """Return the state in which 1.1.0 is on trial, and what was seen then."""
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


def with_two_committed() -> tuple[State, datetime]:
    """1.1.0 was committed, and 1.2.0 after it; ``document(2)`` asked for that."""
    state, seen = in_trial()
    state, now = served(state, seen, 5, WELL)
    newer = {**GOOD, What.LOOK_UP: found("1.2.0", "b")}
    trying = Seen(SITE, document(2, stable="1.1.0", trying=candidate("1.2.0")))
    state = until(state, trying, newer, now)
    for _ in range(5):
        now += MINUTE
        state, _ = advance(state, replace(trying, trial=WELL), now)
    assert state.phase is Phase.COMMITTED
    return state, now
