"""From offered to admitted: everything before a package is first asked for an answer here."""

from dataclasses import replace
from datetime import datetime

from edge.update.machine_ends import failed, moved
from edge.update.machine_state import Course, Held, State
from edge.update.machine_words import GO_ON, WAIT, Do, Done, Found, Seen, Trouble, What, is_at_least
from edge.update.trial import Fault
from edge.wire.releases import ABI, Phase


def offered(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Look at what an offline key signed about the package, before a byte of it is fetched."""
    match seen.result:
        case Found() as found if state.course is not None:
            fault = _unfit(found, state.course, state, seen)
            if fault is not None:
                return failed(_holding(state, found), fault, now), WAIT
            state = moved(_holding(state, found), Phase.DOWNLOADING, now)
            return downloading(state, _next(seen), now)
        case Trouble() as trouble:
            return troubled(state, trouble, now)
        case _:
            return state, Do(What.LOOK_UP)


def downloading(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Fetch it; what is there already is kept, whatever ends the download."""
    match seen.result:
        case Done():
            state = moved(state, Phase.VERIFIED, now)
            return verified(state, _next(seen), now)
        case Trouble() as trouble:
            return troubled(state, trouble, now)
        case _:
            return state, Do(What.FETCH, state.package) if seen.is_in_window else WAIT


def verified(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Unpack what TUF verified."""
    match seen.result:
        case Done(model=model) if state.package is not None:
            package = state.package.model_copy(update={"model": model})
            return moved(with_course(state, package=package), Phase.STAGED, now), GO_ON
        case Trouble() as trouble:
            return troubled(state, trouble, now)
        case _:
            return state, Do(What.UNPACK, state.package)


def staged(state: State, _seen: Seen, now: datetime) -> tuple[State, Do]:
    """Count the try before it is made: what it might take down with it is this process."""
    trial = state.trial.model_copy(update={"starts": 0})
    state = moved(state, Phase.PREFLIGHT, now, trial=trial)
    return state, Do(What.PREFLIGHT, state.package)


def troubled(state: State, trouble: Trouble, now: datetime) -> tuple[State, Do]:
    """Wait where the world was not there; end the course where it lies in the package."""
    if trouble.is_passing:
        # Kept in memory and told to ops; the phase and its deadline stay.
        said = {"reason": trouble.reason, "detail": trouble.detail[:300]}
        return state.model_copy(update=said), WAIT
    fault = Fault(trouble.reason, trouble.detail)
    return failed(state, fault, now, trouble.figures), WAIT


def _unfit(found: Found, course: Course, state: State, seen: Seen) -> Fault | None:
    """Return why a package is not even fetched."""
    facts = found.facts
    if (facts.kind, facts.name, facts.version) != (seen.kind, state.name, course.version):
        wanted = f"{seen.kind} {state.name} {course.version}"
        said = f"{facts.kind} {facts.name} {facts.version}"
        return Fault("trust", f"wanted {wanted}, {said} is signed")
    if not is_at_least(facts.version, state.minimum_version):
        return Fault("trust", f"wanted {state.minimum_version} or newer, got {facts.version}")
    if found.digest in seen.refused:
        return Fault(seen.refused[found.digest], "the same bytes failed on this device before")
    if facts.abi != ABI or not is_at_least(seen.agent, facts.min_agent):
        needs = f"abi {facts.abi}, agent {facts.min_agent}"
        return Fault("abi", f"it needs {needs}; this is abi {ABI}, agent {seen.agent}")
    return None


def _holding(state: State, found: Found) -> State:
    course = state.course
    if course is None:
        return state
    package = Held(
        release_id=course.release_id,
        target=course.target,
        facts=found.facts,
        digest=found.digest,
        length=found.length,
    )
    return with_course(state, package=package)


def with_course(state: State, **changes: object) -> State:
    """Return the state with its course changed."""
    course = state.course
    return state.model_copy(
        update={"course": course.model_copy(update=changes) if course else None}
    )


def _next(seen: Seen) -> Seen:
    return replace(seen, result=None)
