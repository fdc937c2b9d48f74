"""Which bundle answers: the one in force, beside it one on trial, and what is simpler than both.

All of it is one value that is replaced in one step. A request takes its bundle once, at its
beginning, and ends with it; so a swap costs no request, whatever is under way.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.core.chance import draws
from edge.decide.bundle import Bundle

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InForce:
    """What answers at one moment.

    ``share`` of the visits meet the bundle on trial, drawn by the visit's random id; whatever has
    no visit (boards, tills) meets it too.
    """

    serving: Bundle
    trial: Bundle | None = None
    share: float = 1.0
    salt: str = ""

    def of_visit(self, visit_id: str | None) -> Bundle:
        """Return the bundle that this visit meets, the same at each of its requests."""
        if self.trial is None:
            return self.serving
        if visit_id is None or draws(f"{self.salt}/{visit_id}", 1)[0] < self.share:
            return self.trial
        return self.serving


class Rankers:
    """The bundles in force. Safe to use from every thread."""

    def __init__(self, full: Bundle, simple: Callable[[str], Bundle]) -> None:
        self._now = InForce(full)
        self._simple = simple
        self._changing = threading.Lock()  # who reads takes one value and needs none
        self.broke = ""
        """Why the last bundle on trial was given up while it served; empty: it was not."""

    def now(self) -> Bundle:
        """Return the bundle of boards and of everything that is no visit."""
        return self._now.of_visit(None)

    def of_visit(self, visit_id: str | None) -> Bundle:
        """Return the bundle that this visit meets."""
        return self._now.of_visit(visit_id)

    @property
    def in_force(self) -> InForce:
        """All that answers now."""
        return self._now

    def serve(self, full: Bundle) -> None:
        """Let ``full`` answer from now on; a trial is over."""
        with self._changing:
            self._now = InForce(full)

    def try_out(self, trial: Bundle, *, share: float, salt: str) -> None:
        """Let ``trial`` answer beside what serves."""
        with self._changing:
            self.broke = ""
            self._now = replace(self._now, trial=trial, share=share, salt=salt)

    def give_up(self, broken: Bundle, why: str) -> Bundle:
        """Take ``broken`` out of force, once, and return what answers in its place.

        A bundle on trial gives way to the one that served before; that one to a simpler one.
        """
        with self._changing:
            now = self._now
            if now.trial is broken:
                log.error("the model on trial broke, the one before takes over: %s", why)
                self.broke = why or "it broke"
                self._now = InForce(now.serving)
            elif now.serving is broken:
                log.error("the model broke while serving, ranking by popularity: %s", why)
                self._now = replace(now, serving=self._simple(why))
            return self._now.serving
