"""A rollout's state machine: what follows from where it is and what was counted. Pure.

    DRAFT -> APPROVED -> CANARY -> BAKE -> WAVE 0 .. n -> COMPLETE
                            any of these -> PAUSED -> where it was
                            any of these -> ABORTING -> ABORTED

Only ``acts`` (a person) leaves DRAFT, APPROVED and PAUSED; ``step`` does the rest, and may be
called as often as one likes: the same state, counts and moment give the same result, and a step
from that result with the same counts changes nothing. Counts speak for one wave only, so a wave
can never pass on the evidence of the one before.

Source: fleet.md 8; hawkBit's thresholds and AWS IoT's abort criteria.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from edge.central.fleet.rollout.gate import Counts, failure, has_shown_enough
from edge.central.fleet.rollout.plan import OnFailure
from edge.central.fleet.rollout.state import (
    CANARY_WAVE,
    Rollout,
    Said,
    Stage,
    State,
    Stepped,
    candidate_of,
    next_document,
)


def step(state: State, counts: Counts, now: datetime) -> Stepped:
    """Return what follows, at most one stage further.

    While everything is halted nothing goes on, but what fails is still taken back.
    """
    rollout = state.rollout
    if rollout.stage is Stage.ABORTING:
        return _returned(state, counts, now)
    if not rollout.stage.is_out:
        return Stepped(state)
    why = failure(rollout.plan.gate, counts)
    if why is not None:
        return _stopped(state, why, now)
    if state.line.halted or counts.wave != rollout.wave:
        return Stepped(state)
    is_last = rollout.wave + 1 == len(rollout.plan.waves)
    if not has_shown_enough(rollout.plan.gate, counts, is_last=is_last):
        return Stepped(state)
    return _further(state, now)


def aborted(state: State, why: str, now: datetime) -> Stepped:
    """Return the state in which everybody returns to the previous release.

    By a document with the next version that has no candidate; never by an old document.
    """
    return moved(state, {"stage": Stage.ABORTING, "why": why}, now, Said("aborting", why))


def moved(state: State, changes: Mapping[str, object], now: datetime, said: Said) -> Stepped:
    """Return the state with its rollout changed, and a document if devices must know of it."""
    rollout = state.rollout.model_copy(update={"since": now, "paused_in": None, **changes})
    after = State(state.line, rollout)
    offered = candidate_of(rollout)
    if offered == candidate_of(state.rollout) and rollout.stage is not Stage.COMPLETE:
        return Stepped(after, None, (said,))
    line = state.line
    if rollout.stage is Stage.COMPLETE:
        line = line.model_copy(update={"stable": rollout.plan.release})
    line, document = next_document(line, offered, now)
    return Stepped(State(line, rollout), document, (said,))


def _stopped(state: State, why: str, now: datetime) -> Stepped:
    if state.rollout.plan.gate.on_failure is OnFailure.ABORT:
        return aborted(state, why, now)
    if state.rollout.stage is Stage.PAUSED:
        return Stepped(state)
    changes = {"stage": Stage.PAUSED, "paused_in": state.rollout.stage, "why": why}
    return moved(state, changes, now, Said("paused", why))


def _further(state: State, now: datetime) -> Stepped:
    rollout = state.rollout
    lasted = now - rollout.since
    match rollout.stage:
        case Stage.CANARY:
            return moved(state, {"stage": Stage.BAKE}, now, Said("bake", "the canary has finished"))
        case Stage.BAKE if lasted >= timedelta(minutes=rollout.plan.bake_minutes):
            return _wave(state, CANARY_WAVE + 1, now)
        case Stage.WAVE if lasted >= timedelta(minutes=rollout.plan.wave_minutes):
            if rollout.wave + 1 < len(rollout.plan.waves):
                return _wave(state, rollout.wave + 1, now)
            said = Said("complete", f"{rollout.plan.release.release_id} is what everybody runs")
            return moved(state, {"stage": Stage.COMPLETE}, now, said)
        case _:
            return Stepped(state)


def _wave(state: State, wave: int, now: datetime) -> Stepped:
    share = state.rollout.plan.waves[wave]
    said = Said("wave", f"{100 * share:g} % of sites")
    return moved(state, {"stage": Stage.WAVE, "wave": wave}, now, said)


def _returned(state: State, counts: Counts, now: datetime) -> Stepped:
    # Who is offline returns when it comes back; that must not hold the next rollout up.
    rollout = state.rollout
    waited = now - rollout.since >= timedelta(hours=rollout.plan.finish_within_hours)
    if counts.to_return and not waited:
        return Stepped(state)
    detail = f"{counts.to_return} devices that are online have not returned yet"
    said = Said("aborted", detail if counts.to_return else rollout.why)
    return Stepped(_ended(state, rollout, now), None, (said,))


def _ended(state: State, rollout: Rollout, now: datetime) -> State:
    ended = rollout.model_copy(update={"stage": Stage.ABORTED, "since": now})
    return State(state.line, ended)
