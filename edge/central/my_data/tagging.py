"""Give every customer the tag that they are found by, in the background: who was there before, first."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from edge.core.errors import EdgeError

log = logging.getLogger(__name__)

EVERY_S: Final = 30.0


class Tagging:
    """A thread that works until nobody is left, and looks again now and then."""

    def __init__(self, tag_new: Callable[[], int], every_s: float = EVERY_S) -> None:
        """Call ``tag_new``, which says how many it did, again and again."""
        self._tag_new = tag_new
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="my-data-tags", daemon=True)

    def start(self) -> None:
        """Begin; nothing is waited for."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                done = self._tag_new()
            except EdgeError as error:
                log.warning("customers cannot be found by their home keys yet: %s", error)
                done = 0
            if not done:
                self._stopping.wait(self._every_s)
