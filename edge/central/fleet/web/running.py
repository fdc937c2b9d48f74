"""The fleet's server with its pages: every thread of it, started again by nobody but itself.

What is away at the start is waited for: without the database pages say so, without the broker
devices are not heard, and both are tried again until they are there.
"""

import logging
import threading
from datetime import timedelta
from typing import Final

from edge.central.fleet.releases.repository import Repository
from edge.central.fleet.server import FleetServer
from edge.central.fleet.web.parts import Running
from edge.core.clock import Clock
from edge.core.errors import EdgeError, RequestContractError, UnavailableError

log = logging.getLogger(__name__)

AGAIN_S: Final = 3.0
REFRESH_EVERY: Final = timedelta(hours=1)
"""Each time only those roles are signed that were signed more than a day ago."""
_WHY_CHARACTERS: Final = 300


class FleetRun:
    """Starts what hears and steps as soon as that is possible, and keeps the signatures fresh."""

    def __init__(self, server: FleetServer, repository: Repository, clock: Clock) -> None:
        self._server = server
        self._repository = repository
        self._clock = clock
        self._stopping = threading.Event()
        self._is_started = False
        self._why = ""
        self._refreshed_at = clock() - REFRESH_EVERY
        self._thread = threading.Thread(target=self._run, name="fleet-run", daemon=True)

    def start(self) -> None:
        """Begin; nothing is waited for."""
        self._thread.start()

    def stop(self) -> None:
        """End every thread and wait for them."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=30)
        self._server.stop()

    @property
    def has_died(self) -> bool:
        """Say whether a thread ended that must not: whoever started this process starts it again."""
        return self._is_started and not self._stopping.is_set() and not self._server.is_alive

    def now(self) -> Running:
        """Return how the threads are."""
        return Running(
            is_hearing=self._server.watch.is_listening,
            is_alive=self._is_started and self._server.is_alive,
            refreshed=self._why,
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._is_started:
                self._try_to_start()
            if self._clock() - self._refreshed_at >= REFRESH_EVERY:
                self._refresh()
            self._stopping.wait(AGAIN_S)

    def _try_to_start(self) -> None:
        try:
            self._server.start()
        except UnavailableError as error:
            log.warning("not hearing or stepping yet: %s", error)
        else:
            self._is_started = True
            log.info("hearing devices and stepping rollouts")

    def _refresh(self) -> None:
        self._refreshed_at = self._clock()
        try:
            signed = self._repository.refresh_online()
        except RequestContractError:
            self._why = ""  # nothing was published yet: there is nothing to sign again
        except EdgeError as error:
            self._why = str(error)[:_WHY_CHARACTERS]
            log.error("the online roles were not signed again: %s", error)
        else:
            self._why = ""
            if signed:
                log.info("signed again: %s", ", ".join(signed))
