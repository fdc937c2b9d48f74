"""The device's state machine for releases: pure, one arrow at a time.

    IDLE > OFFERED > DOWNLOADING > VERIFIED > STAGED > PREFLIGHT > SHADOW > TRIAL > COMMITTED
    TRIAL > ROLLING_BACK > ROLLED_BACK        any before TRIAL > FAILED

``advance`` says what to keep and what to do next; whoever calls it keeps first, then does, then
calls it again with the result. So a crash anywhere repeats the last thing to do, and every one of
them may be done twice.

Source: fleet.md 7; security.md, "Admission of a model", 5 to 7.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from edge.update.machine_ends import failed, rolling_back
from edge.update.machine_install import downloading, offered, staged, verified
from edge.update.machine_rest import rest
from edge.update.machine_state import State
from edge.update.machine_trial import (
    back,
    finished_too_late,
    preflight,
    shadow,
    superseded,
    trial,
)
from edge.update.machine_words import WAIT, Do, Seen
from edge.update.trial import MOST_CRASHES, MOST_STARTS, Fault
from edge.wire.releases import Phase
from edge.wire.rollout import RolloutDocument, wanted

_Step = Callable[[State, Seen, datetime], tuple[State, Do]]

_STEPS: Final[Mapping[Phase, _Step]] = MappingProxyType(
    {
        Phase.IDLE: rest,
        Phase.OFFERED: offered,
        Phase.DOWNLOADING: downloading,
        Phase.VERIFIED: verified,
        Phase.STAGED: staged,
        Phase.PREFLIGHT: preflight,
        Phase.SHADOW: shadow,
        Phase.TRIAL: trial,
        Phase.COMMITTED: rest,
        Phase.ROLLING_BACK: back,
        Phase.ROLLED_BACK: rest,
        Phase.FAILED: rest,
    }
)

_RISKY: Final = frozenset({Phase.PREFLIGHT, Phase.SHADOW, Phase.TRIAL})


def begin(name: str, now: datetime) -> State:
    """Return the state of a device that has never had a release."""
    return State(name=name, since_at=now)


def advance(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Return the next state, and what to do once it is kept."""
    state = _informed(state, seen.document)
    if state.is_under_way and state.phase is not Phase.ROLLING_BACK:
        if _is_superseded(state, seen):
            return superseded(state, now)
        if state.phase is not Phase.TRIAL:
            if seen.document is not None and seen.document.halted:
                return state, WAIT
            late = finished_too_late(state, state.course, now) if state.course else None
            if late is not None:
                return late, WAIT
    return _STEPS[state.phase](state, seen, now)


def started(state: State, now: datetime) -> State:
    """Return the state at the start of the process, to be kept *before* anything is loaded.

    A start during a trial counts as one more try. A model that kills the process is so rolled
    back by restarts alone: no network, no person.
    """
    if not is_risky(state):
        return state
    before = state.trial
    run = before.model_copy(
        update={
            "starts": before.starts + 1,
            "crashes": before.crashes + 1,
            "run_s": 0.0,
            "ticked_at": None,
        }
    )
    state = state.model_copy(update={"trial": run})
    if run.starts <= MOST_STARTS and run.crashes <= MOST_CRASHES:
        return state
    fault = Fault("crash", f"the service ended {run.crashes} times while it was tried")
    if state.phase is Phase.TRIAL:
        return rolling_back(state, fault, now)
    return failed(state, fault, now)


def is_risky(state: State) -> bool:
    """Say whether in this state the candidate may take the process down with it."""
    return state.phase in _RISKY


def stopped(state: State) -> State:
    """Return the state after a run that ended because it was told to: no try was lost."""
    if not is_risky(state):
        return state
    before = state.trial
    # The next start adds one to each again.
    run = {"starts": -1, "crashes": before.crashes - 1, "ticked_at": None}
    return state.model_copy(update={"trial": before.model_copy(update=run)})


def _informed(state: State, document: RolloutDocument | None) -> State:
    if document is None or document.version <= state.document_version:
        return state
    return state.model_copy(update={"document_version": document.version, "seq": state.seq + 1})


def _is_superseded(state: State, seen: Seen) -> bool:
    document, course = seen.document, state.course
    if document is None or course is None or document.version < state.document_version:
        return False
    release = wanted(document, seen.site, has_begun=course.release_id)
    if release is None:
        return True
    return (release.target, release.release_id) != (course.target, course.release_id)
