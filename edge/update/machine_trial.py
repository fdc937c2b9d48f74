"""From admitted to committed or rolled back: the package answers here, for nobody, then for people."""

from datetime import datetime, timedelta
from typing import Final

from edge.update.machine_ends import (
    committed,
    failed,
    moved,
    rolled_back,
    rolling_back,
    with_past,
)
from edge.update.machine_install import troubled, with_course
from edge.update.machine_patience import must_wait, waiting
from edge.update.machine_state import Course, State, Trial
from edge.update.machine_words import SERVE, WAIT, Do, Done, Seen, Trouble, What
from edge.update.trial import GOOD_RUN, Fault, figures, judge
from edge.wire.releases import Phase

SHADOW_AT_MOST: Final = timedelta(hours=24)
"""A quiet shop does not ask often enough; what it did ask has to do then."""
_LONGEST_TICK_S: Final = 60.0
"""More than this between two looks was sleep, or a clock that jumped: it is not counted."""


def preflight(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Have a child process try it; on success it may be loaded here."""
    if state.course and state.course.is_admitted:
        return _to_trial(state, seen, now)
    match seen.result:
        case Done(figures=found):
            state = with_course(state, is_admitted=True)
            state = state.model_copy(update={"figures": dict(found)})
            if state.course and state.course.shadow_requests:
                trial = Trial()
                return moved(state, Phase.SHADOW, now, trial=trial), Do(What.SHADOW, state.package)
            return _to_trial(state, seen, now)
        case Trouble() as trouble:
            return troubled(state, trouble, now)
        case _:
            return state, Do(What.PREFLIGHT, state.package)


def shadow(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Let it rank what others ask, for nobody to see."""
    if isinstance(seen.result, Trouble):
        return troubled(state, seen.result, now)
    found = seen.shadow
    if found is None or state.course is None:
        return state, Do(What.SHADOW, state.package)
    if found.broke or found.is_slow:
        detail = found.broke or f"p99 {found.p99_us:.0f} us beside the one that serves"
        fault = Fault("latency" if found.is_slow else "error_rate", detail)
        return failed(state, fault, now), WAIT
    is_over = now - state.since_at >= SHADOW_AT_MOST
    if found.requests < state.course.shadow_requests and not is_over:
        return state, Do(What.SHADOW, state.package)
    said = {
        "shadow_requests": float(found.requests),
        "shadow_overlap": found.overlap,
        "shadow_p99_us": found.p99_us,
    }
    state = state.model_copy(update={"figures": {**state.figures, **said}})
    return _to_trial(state, seen, now)


def trial(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Watch it serve: back on the first fault, for good after its time."""
    if isinstance(seen.result, Trouble):
        return rolling_back(state, Fault(seen.result.reason, seen.result.detail), now), SERVE
    health, course = seen.trial, state.course
    if health is None or course is None:
        return state, SERVE
    fault = judge(health, seen.limits)
    going = state.model_copy(
        update={
            "trial": _ticked(state.trial, now).model_copy(update={"arms": health.arms}),
            "figures": {**state.figures, **figures(health)},
        }
    )
    if fault is not None:
        return rolling_back(going, fault, now), SERVE
    if going.trial.served_s < course.trial_minutes * 60:
        return going, WAIT
    if not health.answers:
        silent = Fault("heartbeat", "it never answered in all its trial")
        return rolling_back(going, silent, now), SERVE
    return _to_commit(going, seen, now)


def back(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Serve with the model before; there is always one that can, so this always ends."""
    if seen.result is None:
        return state, SERVE
    return rolled_back(state, now), WAIT


def superseded(state: State, now: datetime) -> tuple[State, Do]:
    """Stop what central no longer wants here; its bytes did nothing wrong."""
    fault = Fault("superseded", "central wants another release here")
    if state.phase is Phase.TRIAL:
        return rolling_back(state, fault, now), SERVE
    return failed(state, fault, now), WAIT


def _to_trial(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    if not seen.is_in_window:
        return state, WAIT
    if must_wait(state, seen, now):
        return waiting(state, now), WAIT
    past = with_past(state, state.package, now)
    return moved(state, Phase.TRIAL, now, trial=Trial(ticked_at=now), past=past), SERVE


def _to_commit(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    if must_wait(state, seen, now):
        return waiting(state, now), WAIT
    if state.package is None:
        return rolling_back(state, Fault("load", "its package is not known"), now), SERVE
    return committed(state, state.package, now), SERVE


def _ticked(now_on: Trial, now: datetime) -> Trial:
    passed_s = (now - now_on.ticked_at).total_seconds() if now_on.ticked_at else 0.0
    counted_s = passed_s if 0 <= passed_s <= _LONGEST_TICK_S else 0.0
    run_s = now_on.run_s + counted_s
    is_good = run_s >= GOOD_RUN.total_seconds()
    return now_on.model_copy(
        update={
            "ticked_at": now,
            "run_s": run_s,
            "served_s": now_on.served_s + counted_s,
            "starts": 0 if is_good else now_on.starts,
        }
    )


def finished_too_late(state: State, course: Course, now: datetime) -> State | None:
    """Return the state after a course that did not come to its trial in time; None: it may go on."""
    if now < course.finish_by_at:
        return None
    detail = state.detail or "it did not come to its trial in time"
    return failed(state, Fault(state.reason or "clock", detail), now)
