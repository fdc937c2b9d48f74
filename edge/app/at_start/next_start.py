"""Make what serves be what the state says, by starting the process again at a quiet moment.

Everything that is made of a catalog, from models' shelves to baskets, and everything that settings
reach, is so of one piece at every moment: a process has one shop and one set of settings, from its
start to its end. A screen keeps what it shows meanwhile, and asks for its state when it is back.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from edge.app.releases.tools import RestartingError
from edge.core.clock import Clock
from edge.update.machine_patience import LONGEST_WAIT
from edge.update.machine_state import Held, State, to_load
from edge.update.machine_words import Shadowed
from edge.update.trial import Health

log = logging.getLogger(__name__)

EXIT_CODE: Final = 75
"""With which the service ends to be started again; ``Restart=always`` of systemd does so, or
``RestartForceExitStatus=75``. EX_TEMPFAIL in sysexits.h: ask again."""
MOST_FAILING: Final = 3


@dataclass(slots=True)
class Restart:
    """Asks for another start of the process, once."""

    end: Callable[[], None] = lambda: None
    """Ends the server; set by whoever runs it."""
    why: str = field(default="", init=False)

    def __call__(self, why: str) -> None:
        """End this process soon, to be started again."""
        if not self.why:
            self.why = why
            log.warning("the service starts again: %s", why)
        self.end()


class NextStart:
    """Serves what the process started with. Used by one thread.

    Args:
        serving: That; None: what was there before any package.
        restart: Starts the process again.
        is_busy: Whether somebody is in the middle of a visit.
        failing: What is broken in showing the shop; empty: nothing is.
        clock: Tells how long was waited for a quiet moment.
    """

    def __init__(
        self,
        serving: Held | None,
        restart: Restart,
        is_busy: Callable[[], bool],
        failing: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._serving = serving.digest if serving else None
        self._restart = restart
        self._is_busy = is_busy
        self._failing = failing
        self._clock = clock
        self._waits_since_at: datetime | None = None
        self._looks = 0
        self._failed = 0

    def make(self, state: State) -> None:
        """Return if ``state`` is what serves.

        Raises:
            RestartingError: It is what will serve, after a start that was asked for or that waits.
        """
        wanted = to_load(state).package
        if (wanted.digest if wanted else None) == self._serving:
            self._waits_since_at = None
            return
        to = f"{state.name} {wanted.version if wanted else 'as it was delivered'}"
        if self._must_wait(state):
            msg = f"{to} waits for a moment without a visit"
            raise RestartingError(msg)
        self._restart(f"for {to}")
        msg = f"{to} is loaded by the next start"
        raise RestartingError(msg)

    def begin_shadow(self, package: Held) -> None:
        """Do nothing: there is nothing to ask it beforehand."""

    def shadowed(self) -> Shadowed | None:
        """Return None: there is no shadow."""

    def health(self, state: State) -> Health | None:
        """Return how the process does that started with what is tried."""
        load = to_load(state)
        if not load.is_trial or load.package is None or load.package.digest != self._serving:
            return None
        failing = self._failing()
        self._looks += 1
        self._failed = self._failed + 1 if failing else 0
        return Health(answers=self._looks, broke=failing if self._failed >= MOST_FAILING else "")

    def _must_wait(self, state: State) -> bool:
        """Going back on central's word waits like going on; what is broken waits for nobody."""
        if state.reason not in ("", "superseded") or not self._is_busy():
            return False
        now = self._clock()
        self._waits_since_at = self._waits_since_at or now
        return abs(now - self._waits_since_at) < LONGEST_WAIT
