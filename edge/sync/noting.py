"""Answers that the outbox has to note: written by its thread, gone on with in ours.

A disk that is full takes no note; it is asked again after a pause, and alone, because only that may
use the reserve.
"""

import queue
from collections.abc import Callable
from concurrent.futures import Future

from edge.core.errors import StorageUnavailableError


class Noting:
    """Notes on their way to the disk.

    Args:
        on_settled: Called in the writer's thread when one is noted.
        on_full: Called in ours when the disk takes none, before it is asked again.
    """

    def __init__(self, on_settled: Callable[[], None], on_full: Callable[[], None]) -> None:
        self._on_settled = on_settled
        self._on_full = on_full
        self._settled: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def note(self, note: Callable[..., Future[None]], done: Callable[[], None]) -> None:
        """Have the store note an answer; afterwards, back in our thread, run ``done``."""

        def again() -> None:
            self._on_full()
            note(alone=True).add_done_callback(settle)

        def settle(future: Future[None]) -> None:
            if isinstance(future.exception(), StorageUnavailableError):
                self._settled.put(again)
                return  # without on_settled: that would try a full disk without a pause
            self._settled.put(done)
            self._on_settled()

        note().add_done_callback(settle)

    def settle(self) -> None:
        """Go on, in our thread, with what was noted meanwhile."""
        while True:
            try:
                step = self._settled.get_nowait()
            except queue.Empty:
                return
            step()
