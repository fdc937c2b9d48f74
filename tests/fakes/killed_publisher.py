"""A process that publishes and is ended by ``kill -9`` at a step on disk that was named before.

It runs by itself (``python -m tests.fakes.killed_publisher``), reads jobs from its standard input
and gives each to a child of its own, so that a killed one costs no start of Python.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final, NoReturn

from edge.central.fleet.releases.repository_folder import Step
from edge.core.clock import system_clock
from edge.core.errors import EdgeError
from edge.wire.rollout import Release, RolloutDocument
from tests.fakes.repository import SignedRepository

ROOT: Final = Path(__file__).parents[2]
JOBS: Final = ("package", "rollout", "refresh", "rotation")
ISSUED_AT: Final = datetime(2026, 3, 1, tzinfo=UTC)
NEXT: Final = Release(
    release_id="ranker-1.0.0", target="models/ranker/1.0.0/ranker-1.0.0.tar", version="1.0.0"
)


@dataclass(frozen=True)
class Job:
    """What to do in which folder, and the step after which there is nothing more."""

    folder: str
    name: str
    dies_at: int


def work(job: Job, at_step: Step) -> None:
    """Do what ``job`` names; what is pending was prepared before."""
    later = timedelta(days=2 if job.name == "refresh" else 0)
    signed = SignedRepository(Path(job.folder), lambda: system_clock() + later, at_step)
    match job.name:
        case "package" | "rotation":
            signed.repository.publish(signed.pending)
        case "rollout":
            document = RolloutDocument(
                name="ranker", version=2, issued_at=ISSUED_AT, stable=NEXT, halted=True
            )
            signed.repository.publish_rollout(document)
        case _:
            signed.repository.refresh_online()


class Killed:
    """The process, from the side of a test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to: IO[str] = process.stdin
        self._from: IO[str] = process.stdout

    def run(self, job: Job) -> bool:
        """Run a job and say whether it was killed; False: it ended before that step came."""
        self._to.write(json.dumps(asdict(job)) + "\n")
        self._to.flush()
        status = int(self._from.readline())
        assert status in {0, -signal.SIGKILL}, f"{job} ended with {status}"
        return status != 0


@contextlib.contextmanager
def killed_publisher() -> Iterator[Killed]:
    """Run it for the length of a ``with``."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.killed_publisher"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Killed(process)


class _Deadly:
    def __init__(self, dies_at: int) -> None:
        self._left = dies_at

    def __call__(self, _: str) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def _end(job: Job) -> NoReturn:
    status = 1
    try:
        work(job, _Deadly(job.dies_at))
        status = 0
    except EdgeError:
        traceback.print_exc()
    finally:
        os._exit(status)


def _serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _end(Job(**json.loads(line)))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
