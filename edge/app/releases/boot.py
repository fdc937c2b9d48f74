"""What to serve with at the start of the process: counted on the disk before anything is loaded.

A package that kills whoever loads it is so given up by restarts alone. And where the disk cannot
count, nothing is tried: the model before serves.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from edge.app.releases.blame import is_suspected
from edge.app.releases.keeping import Keeping
from edge.app.releases.loading import Loading
from edge.core.clock import Clock
from edge.core.errors import ModelContractError, StorageUnavailableError
from edge.decide.bundle import Bundle
from edge.update.machine import started
from edge.update.machine_crashes import crashed, is_to_blame
from edge.update.machine_ends import lost
from edge.update.machine_state import Held, State, to_load

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Booted:
    """What the start of the process found. The bundle is not in it: what is swapped must go."""

    state: State
    serving: Held | None
    is_counted: bool = True


def boot(keeping: Keeping, loading: Loading, clock: Clock) -> tuple[Booted, Bundle]:
    """Count this start and load what serves; what is on trial is loaded after it."""
    now, is_counted = clock(), True
    try:
        before = keeping.recall()
        state = _counted(before, loading, now)
        if state != before:
            state = keeping.keep(state)
        loading.marks.forget()
    except StorageUnavailableError as error:
        log.error("no release is tried, because starts cannot be counted: %s", error)
        state, is_counted = keeping.pointed(), False
    while True:
        load = to_load(state)
        serving = load.beside if load.is_trial else load.package
        try:
            return Booted(state, serving, is_counted), loading.in_force(
                serving, state.minimum_version
            )
        except ModelContractError as error:
            digest = serving.digest if serving else ""
            log.error("the package %s is damaged, the one before serves: %s", digest[:12], error)
            state = lost(state, digest, now)


def _counted(before: State, loading: Loading, now: datetime) -> State:
    """Count how the last process ended: against what was asked then, else against what is tried."""
    if is_to_blame(before, loading.marks.found()):
        log.error("the last process ended while the model that serves was asked")
        return crashed(before, now)
    return started(before, now) if is_suspected(loading.folder, before) else before
