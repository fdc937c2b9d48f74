"""What the process starts with, found by the pointer and counted on the disk before it is loaded.

There is no database yet: where it lies, and how large it may grow, is among what is loaded. So the
pointer of a name is what it starts by. What cannot be loaded is given up at once, and the one
before is loaded in the same start; what ends the process is given up by starts alone.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from edge.app.releases.blame import is_suspected
from edge.app.releases.folder import Pointer, ReleaseFolder, recalled
from edge.core.errors import ContractError, StorageUnavailableError
from edge.update.machine import begin, started
from edge.update.machine_ends import lost, rolling_back
from edge.update.machine_state import Held, State, to_load
from edge.update.trial import Fault

log = logging.getLogger(__name__)

T = TypeVar("T")

Load = Callable[[Held | None], T]
"""Loads a package, or what was there before any; raises ContractError."""


@dataclass(frozen=True, slots=True)
class Booted:
    """How a name was found. ``serving`` None: what was there before any package."""

    name: str
    folder: ReleaseFolder
    state: State
    serving: Held | None
    is_counted: bool = True


def boot(name: str, folder: ReleaseFolder, load: Load[T], now: datetime) -> tuple[Booted, T]:
    """Count this start of what is tried, then load what the state says.

    Raises:
        ContractError: Not even what was there before any package can be loaded.
    """
    pointer = folder.pointer()
    if pointer is None or pointer.state.name != name:
        state, is_counted = begin(name, now), True
    else:
        state, is_counted = _counted(folder, pointer, now)
    while True:
        wanted = to_load(state)
        try:
            return Booted(name, folder, state, wanted.package, is_counted), load(wanted.package)
        except ContractError as error:
            if wanted.package is None:
                raise
            log.error("%s %s is given up: %s", name, wanted.package.version, error)
            if wanted.is_trial:
                state = rolling_back(state, Fault("load", str(error)), now)
            else:
                state = lost(state, wanted.package.digest, now)


def _counted(folder: ReleaseFolder, pointer: Pointer, now: datetime) -> tuple[State, bool]:
    before = pointer.state
    state = started(before, now) if is_suspected(folder, before) else before
    if state == before:
        return state, True
    try:
        folder.point(state, pointer.refused)
    except StorageUnavailableError as error:
        log.error("%s: nothing is tried, because starts cannot be counted: %s", before.name, error)
        return recalled(pointer, now), False
    return state, True
