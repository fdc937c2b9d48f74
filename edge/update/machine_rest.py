"""When nothing is under way: is there something to begin, or to go back to?"""

from datetime import datetime, timedelta

from edge.update.machine_ends import gone_back, moved
from edge.update.machine_patience import must_wait, waiting
from edge.update.machine_state import Course, Held, State, Trial
from edge.update.machine_words import SERVE, WAIT, Do, Seen, What, is_at_least
from edge.wire.releases import Phase
from edge.wire.rollout import Candidate, Release, wanted


def rest(state: State, seen: Seen, now: datetime) -> tuple[State, Do]:
    """Begin what central wants of this shop, if it wants another than what serves."""
    document = seen.document
    if document is None or document.halted or document.version < state.document_version:
        return state, WAIT
    serves = state.committed
    release = wanted(document, seen.site, has_begun=serves.release_id if serves else None)
    if release is None:
        return (state, WAIT) if serves is None else _back(state, None, seen, now)
    if serves is not None and serves.target == release.target:
        return _renamed(state, serves, release), WAIT
    before = state.previous
    if before is not None and before.target == release.target and _may_serve(state, before, seen):
        return _back(state, before, seen, now)
    if _was_tried(state, release, now):
        return state, WAIT
    return _offered(state, release, seen.kind, now), Do(What.LOOK_UP)


def _may_serve(state: State, package: Held, seen: Seen) -> bool:
    is_new_enough = is_at_least(package.version, state.minimum_version)
    return is_new_enough and package.digest not in seen.refused


def _renamed(state: State, serves: Held, release: Release) -> State:
    """Take the name under which a package that serves already is spoken of now."""
    if serves.release_id == release.release_id:
        return state
    named = serves.model_copy(update={"release_id": release.release_id})
    return state.model_copy(update={"committed": named, "seq": state.seq + 1})


def _back(state: State, package: Held | None, seen: Seen, now: datetime) -> tuple[State, Do]:
    if must_wait(state, seen, now):
        return waiting(state, now), WAIT
    named = package
    if package is not None and seen.document is not None:
        release = wanted(seen.document, seen.site)
        if release is not None and release.target == package.target:
            named = package.model_copy(update={"release_id": release.release_id})
    return gone_back(state, named, now), SERVE


def _was_tried(state: State, release: Release, now: datetime) -> bool:
    """Say whether this release ended badly here, and nothing has changed since."""
    course = state.course
    if course is None or not state.phase.is_bad_end:
        return False
    if (course.release_id, course.target) != (release.release_id, release.target):
        return False
    if state.again_at is None:  # quarantined: the same name means the same bytes
        return True
    return now < state.again_at and state.document_version <= state.ended_document


def _offered(state: State, release: Release, kind: str, now: datetime) -> State:
    hours, shadow, minutes = 72, 0, 60
    if isinstance(release, Candidate):
        hours, minutes = release.finish_within_hours, release.trial_minutes
        # Only a model can be asked what it would have answered.
        shadow = release.shadow_requests if kind == "model" else 0
    course = Course(
        release_id=release.release_id,
        target=release.target,
        version=release.version,
        shadow_requests=shadow,
        trial_minutes=minutes,
        finish_by_at=now + timedelta(hours=hours),
    )
    return moved(state, Phase.OFFERED, now, course=course, trial=Trial(), figures={}, again_at=None)
