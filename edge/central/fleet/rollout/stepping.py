"""The thread that steps rollouts and publishes what they decided, for as long as it runs.

Any number of servers may do so at once: a step holds its rollout's rows.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.central.fleet.rollout.publishing import Publishing
from edge.central.fleet.rollout.rollouts import Rollouts
from edge.core.errors import EdgeError

log = logging.getLogger(__name__)

EVERY_S: Final = 5.0
_NAP_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Stepping:
    """Steps and publishes; what fails is logged and done again at the next turn."""

    rollouts: Rollouts
    publishing: Publishing
    every_s: float = EVERY_S
    monotonic: Callable[[], float] = time.monotonic

    def run(self, is_stopping: Callable[[], bool]) -> None:
        """Go on until ``is_stopping``."""
        due_s = 0.0
        while not is_stopping():
            if self.monotonic() >= due_s:
                self.turn()
                due_s = self.monotonic() + self.every_s
            time.sleep(min(_NAP_S, self.every_s))

    def turn(self) -> None:
        """Step once and publish once."""
        for what in (self._step, self.publishing.publish_open):
            try:
                what()
            except EdgeError as error:
                # Published or not, a step has been committed: nothing is decided twice.
                log.error("rollouts: %s", error)

    def _step(self) -> None:
        for stepped in self.rollouts.tick():
            rollout = stepped.state.rollout
            for said in stepped.said:
                name = rollout.plan.release.release_id
                log.info("rollout %s: %s: %s", name, said.what, said.detail)
