"""Runs the small recurring jobs, and keeps one that fails from stopping the others.

The long-running parts (web server, writer, MQTT) have threads of their own; what is here are
ticks. A job that raises is logged and tried again at its next turn: a screen keeps what it had.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """Something to do every so often; ``failing`` says what it failed with last."""

    name: str
    every_s: float
    run: Callable[[], object]
    due_s: float = 0.0
    failing: str | None = None


class Supervisor:
    """One thread that runs jobs when they are due."""

    def __init__(self, jobs: list[Job], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.jobs = jobs
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start running the jobs, each at once and then at its interval."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running job finish, then end."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def soon(self, *names: str) -> None:
        """Run the named jobs now, in the supervisor's thread; callable from any other thread.

        Whoever changed something must not run them itself: a job may wait for that very thread.
        """
        for job in self.jobs:
            if job.name in names:
                job.due_s = 0.0
        self._wake.set()

    def tick(self) -> float:
        """Run what is due and return the seconds until the next job is."""
        for job in self.jobs:
            if self._monotonic() >= job.due_s:
                # Set before it runs: a wish for another run meanwhile is not lost.
                job.due_s = self._monotonic() + job.every_s
                self._run(job)
        return max(0.05, min(job.due_s for job in self.jobs) - self._monotonic())

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._wake.wait(self.tick())

    def _run(self, job: Job) -> None:
        try:
            job.run()
        except Exception as error:
            if job.failing is None:
                log.exception("job %s failed and will be tried again", job.name)
            job.failing = str(error) or type(error).__name__
        else:
            job.failing = None
