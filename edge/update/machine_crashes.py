"""A model that serves for good and begins to take the process down is given up, as one on trial is.

What ends a process is known only where a mark says that this very model was being asked; a power cut,
a kill or somebody else's fault leaves none. Three within a day are no accident: the model before
serves again, or the factory's, and these bytes are never tried here again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from edge.update.machine import is_risky
from edge.update.machine_ends import moved
from edge.update.machine_state import Course, Crash, Held, State, Trial
from edge.wire.releases import Phase

MOST_CRASHES: Final = 3
WITHIN: Final = timedelta(days=1)


def is_to_blame(state: State, asked: Collection[str]) -> bool:
    """Say whether the last process ended by what is committed.

    Args:
        state: As it was kept.
        asked: Digests of the packages that were being asked when it ended. Where the one on trial
            is among them as well, the younger one is suspected, and alone.
    """
    serves, tried = state.committed, state.package
    if serves is None or serves.digest not in asked:
        return False
    return not (is_risky(state) and tried is not None and tried.digest in asked)


def crashed(state: State, now: datetime) -> State:
    """Return the state after one more crash of what is committed; to be kept before it is loaded."""
    serves = state.committed
    if serves is None:
        return state
    recent = (one for one in state.crashes if _is_recent(one, serves, now))
    crashes = (*recent, Crash(digest=serves.digest, at=now))
    if len(crashes) < MOST_CRASHES:
        return state.model_copy(update={"crashes": crashes})
    return _given_up(state, serves, len(crashes), now)


def _given_up(state: State, package: Held, count: int, now: datetime) -> State:
    # What was under way is offered anew; what it had fetched is still there.
    course = Course(
        release_id=package.release_id,
        target=package.target,
        version=package.version,
        finish_by_at=now,
        package=package,
        is_admitted=True,
    )
    return moved(
        state,
        Phase.ROLLED_BACK,
        now,
        reason="crash",
        detail=f"the service ended {count} times within a day while it was asked",
        committed=state.previous,
        previous=None,
        course=course,
        trial=Trial(),
        figures={},
        again_at=None,
        ended_document=state.document_version,
        crashes=(),
    )


def _is_recent(crash: Crash, serves: Held, now: datetime) -> bool:
    return crash.digest == serves.digest and timedelta(0) <= now - crash.at < WITHIN
