"""Attempts to update in processes of their own, which can be killed at any moment.

One warm process has everything imported and forks for each attempt, so that a kill costs
milliseconds. It is spoken to by lines of JSON.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge.core.clock import SettableClock
from edge.update.client import Releases
from edge.update.clock_floor import ClockFloor
from edge.update.pace import LinePace

_HERE: Final = Path(__file__).resolve().parents[2]


class Attempts:
    """The warm process; ``attempts`` starts and ends it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._pid: int | None = None
        self._keeping = threading.Lock()

    def begin(self, **asked: Any) -> None:  # noqa: ANN401 - JSON
        """Begin an attempt."""
        self._say(asked)
        pid = int(self._hear()["pid"])
        with self._keeping:
            self._pid = pid

    def kill(self) -> bool:
        """Kill it, if there is one; from any thread."""
        with self._keeping:
            if self._pid is None:
                return False
            os.kill(self._pid, signal.SIGKILL)
            return True

    def end(self) -> dict[str, Any]:
        """Wait for it; return its exit status (negative: the signal) and what it took."""
        self._hear()  # it is over, and its number still its own
        with self._keeping:
            self._pid = None
        self._say({})
        return self._hear()

    def _say(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def attempts() -> Iterator[Attempts]:
    """Have attempts made while this is open."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.update_attempts"],
        cwd=_HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Attempts(process)


def _serve() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _attempt(asked)
        _tell({"pid": pid})
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        _tell({"is_over": True})
        sys.stdin.readline()
        _, status, used = os.wait4(pid, 0)
        used_up = {
            "status": os.waitstatus_to_exitcode(status),
            "peak_kib": used.ru_maxrss,
            "cpu_ms": (used.ru_utime + used.ru_stime) * 1000,
        }
        _tell(used_up)


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _attempt(asked: dict[str, Any]) -> None:
    folder = Path(asked["folder"])
    releases = Releases(
        folder=folder,
        root=(folder.parent / "pinned").read_bytes(),
        sources=(asked["url"],),
        clock=SettableClock(datetime.fromisoformat(asked["now"]).astimezone(UTC)),
        pace=LinePace(0),
        floor=ClockFloor(file=folder.parent / "floor", timesync_file=folder.parent / "none"),
        reserve_bytes=0,
    )
    for _ in range(asked.get("polls", 1)):
        releases.refresh()
        releases.rollout("ranker")
    if path := asked.get("path"):
        package = releases.package(path)
        assert package is not None
        releases.fetch(package, releases.download_path(package), lambda: True)
    os._exit(0)


if __name__ == "__main__":
    _serve()
