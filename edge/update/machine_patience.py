"""A swap waits for shoppers to leave, and not for ever: a busy shop is updated too."""

from datetime import datetime, timedelta
from typing import Final

from edge.update.machine_state import State
from edge.update.machine_words import Seen

LONGEST_WAIT: Final = timedelta(hours=2)


def must_wait(state: State, seen: Seen, now: datetime) -> bool:
    """Say whether the swap waits on, because somebody is in the middle of a visit.

    A clock that was set back does not begin the wait anew for ever: it then counts as over.
    """
    if not seen.is_busy:
        return False
    since = state.waits_since_at
    return since is None or timedelta(0) <= now - since < LONGEST_WAIT


def waiting(state: State, now: datetime) -> State:
    """Return the state that remembers since when it waits."""
    if state.waits_since_at is not None:
        return state
    return state.model_copy(update={"waits_since_at": now})
