"""What a camera and a hand scanner have in common: a thread, how it is, and codes that are given on."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import replace

from edge.core.clock import Clock
from edge.core.errors import EdgeError
from edge.devices.code_source import InSight, OnCode, SourceState, SourceStatus

log = logging.getLogger(__name__)


class SourceThread(ABC):
    """A ``CodeSource``; what it does in its thread is ``_run``.

    Args:
        what: What it is, for the log; its thread is named after it.
        on_code: Takes the text of each code when it comes into sight.
        clock: For the status.
    """

    def __init__(self, what: str, on_code: OnCode, clock: Clock) -> None:
        self._what = what
        self._on_code = on_code
        self._clock = clock
        self._status = SourceStatus("off", "not started", clock())
        self._in_sight = InSight()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=what.replace(" ", "-"), daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End what the thread does, and the thread."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self._become("stopped", "stopped")

    def status(self) -> SourceStatus:
        """Return how it is, in words a person can use."""
        return self._status

    @abstractmethod
    def _run(self) -> None:
        """Give codes on until ``_stopping`` is set."""

    def _comes_into_sight(self, text: str) -> bool:
        return self._in_sight.is_new(text, time.monotonic())

    def _give_on(self, text: str) -> None:
        try:
            self._on_code(text)
        except EdgeError as error:
            log.warning("%s: a code could not be taken: %s", self._what, type(error).__name__)
            self._count(dropped=1)
        else:
            self._count(codes=1)

    def _count(self, *, codes: int = 0, dropped: int = 0) -> None:
        now = self._status
        if codes or dropped:
            self._status = replace(now, codes=now.codes + codes, dropped=now.dropped + dropped)

    def _wait_to_restart(self, words: str) -> None:
        self._status = replace(self._status, restarts=self._status.restarts + 1)
        self._become("waiting", words)

    def _become(self, state: SourceState, words: str) -> None:
        if (state, words) != (self._status.state, self._status.words):
            self._status = replace(self._status, state=state, words=words, since_at=self._clock())
