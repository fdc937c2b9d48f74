"""How a release's course ends: committed, failed, rolled back, or back to what served before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from edge.update.machine_state import Held, Past, State, Trial
from edge.update.quarantine import PAUSE, is_quarantined
from edge.update.trial import Fault
from edge.wire.releases import Phase, version_key

_MOST_PAST: Final = 20
_MOST_DETAIL: Final = 300


def moved(state: State, phase: Phase, now: datetime, **changes: object) -> State:
    """Return the state in another phase; what was said of the one before is gone."""
    fresh: Mapping[str, object] = {"reason": "", "detail": "", "waits_since_at": None}
    return state.model_copy(
        update={**fresh, **changes, "phase": phase, "since_at": now, "seq": state.seq + 1}
    )


def failed(state: State, fault: Fault, now: datetime, figures: Mapping[str, float] = {}) -> State:
    """Return the state after a course that never served; what serves is not touched."""
    return moved(
        state,
        Phase.FAILED,
        now,
        reason=fault.reason,
        detail=fault.detail[:_MOST_DETAIL],
        figures={**state.figures, **figures},
        **_ended(state, fault.reason, now),
    )


def rolling_back(state: State, fault: Fault, now: datetime) -> State:
    """Return the state from which the model before serves again."""
    detail = fault.detail[:_MOST_DETAIL]
    return moved(state, Phase.ROLLING_BACK, now, reason=fault.reason, detail=detail)


def rolled_back(state: State, now: datetime) -> State:
    """Return the state once the model before serves again."""
    return moved(
        state,
        Phase.ROLLED_BACK,
        now,
        reason=state.reason,
        detail=state.detail,
        trial=Trial(),
        **_ended(state, state.reason, now),
    )


def committed(state: State, package: Held, now: datetime) -> State:
    """Return the state in which ``package`` serves for good, and the one before is kept."""
    least = max(state.minimum_version, package.facts.minimum_version, key=version_key)
    before = state.committed
    if before is not None and version_key(before.version) < version_key(least):
        before = None  # it may never serve again
    return moved(
        state,
        Phase.COMMITTED,
        now,
        committed=package,
        previous=before,
        minimum_version=least,
        trial=Trial(),
    )


def gone_back(state: State, package: Held | None, now: datetime) -> State:
    """Return the state in which what served here before serves again, by central's word.

    What central called back is not kept as something to fall back on.
    """
    return moved(
        state,
        Phase.COMMITTED,
        now,
        committed=package,
        previous=None,
        course=None,
        figures={},
        trial=Trial(),
    )


def lost(state: State, digest: str, now: datetime) -> State:
    """Return the state without a package whose files are damaged; it may be fetched again."""
    first, second = state.committed, state.previous
    if second is not None and second.digest == digest:
        second = None
    if first is not None and first.digest == digest:
        first, second = second, None
    if (first, second) == (state.committed, state.previous):
        return state
    return moved(
        state,
        state.phase,
        now,
        committed=first,
        previous=second,
        reason=state.reason,
        detail=state.detail,
    )


def newly_refused(state: State) -> tuple[str, str] | None:
    """Return the digest that this state quarantines, with the reason; kept with the state."""
    is_bad = state.phase in {Phase.FAILED, Phase.ROLLING_BACK, Phase.ROLLED_BACK}
    package = state.package
    if not is_bad or package is None or not is_quarantined(state.reason):
        return None
    return package.digest, state.reason


def _ended(state: State, reason: str, now: datetime) -> Mapping[str, object]:
    again = None if is_quarantined(reason) else now + PAUSE
    return {"again_at": again, "ended_document": state.document_version}


def with_past(state: State, package: Held | None, now: datetime) -> tuple[Past, ...]:
    """Return the models that answered people here, with ``package``; the oldest are forgotten."""
    if package is None or not package.model:
        return state.past
    if any(past.model == package.model for past in state.past):
        return state.past
    one = Past(
        model=package.model,
        version=package.version,
        release_id=package.release_id,
        since_at=now,
    )
    return (*state.past, one)[-_MOST_PAST:]
